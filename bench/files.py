"""Camera files at 1,000,000 cameras: what rates, kept versions and looks at the past cost.

The page of rates against the same count as bare SQL; a bulk update with the trigger that keeps versions against one
without; a camera as it was on a past day against the camera as it is.
"""

import sys
from datetime import timedelta

from bench.ground import alternately, city, enter, quick, ratio
from portal.app import create_app
from portal.core.clock import city_day, utcnow
from tests.support.services import Services

CAMERAS = 5_000 if quick() else 1_000_000
CHANGED = 500 if quick() else 10_000
BARE = """
select district, count(*), count(*) filter (where live in (1, 2)), count(*) filter (where networked = 1),
  count(*) filter (where passes) from camera where status <> 'dismantled' group by district
"""
UPDATE = (
    "update camera set osd_text = left(osd_text || '.', 120), updated_at = clock_timestamp() "
    "where id in (select id from camera order by id limit %(rows)s)"
)


def updated(services: Services, *, kept: bool) -> None:
    """A bulk update, rolled back, as the owner; `kept` with the trigger that keeps versions."""
    with services.connect("bench") as link, link.cursor() as cursor:
        link.autocommit = False
        if not kept:
            cursor.execute("alter table camera disable trigger camera_keep_update")
        cursor.execute(UPDATE, {"rows": CHANGED})
        link.rollback()


def main() -> int:
    """Measure all three."""
    with city(CAMERAS) as (settings, services):
        app = create_app(settings)
        with app.test_client() as client, services.connect("bench") as link, link.cursor() as cursor:
            enter(client, "cityregistrar")  # who sees every camera
            cursor.execute("select row_id from row_history where kind = 'camera' order by id limit 1")
            camera = cursor.fetchone()[0]
            past = city_day(utcnow() - timedelta(days=365))

            def rates() -> None:
                assert client.get("/quality").status_code == 200

            page, bare = alternately(rates, lambda: cursor.execute(BARE))
            print(f"{CAMERAS:>9,} cameras: rates by page {page * 1000:.1f} ms, by bare SQL {bare * 1000:.1f} ms")
            ratio("rates_page_over_bare_sql", page / bare)
            then, now = alternately(
                lambda: client.get(f"/cameras/{camera}/history?as_of={past}"), lambda: client.get(f"/cameras/{camera}")
            )
            print(f"a camera as it was {then * 1000:.1f} ms, as it is {now * 1000:.1f} ms")
            ratio("past_view_over_present", then / now)
        app.extensions["portal_database"].dispose()
        with_past, without = alternately(
            lambda: updated(services, kept=True), lambda: updated(services, kept=False), times=5
        )
        print(f"{CHANGED:,} rows changed with their past kept {with_past:.2f} s, without {without:.2f} s")
        ratio("update_keeping_versions_over_bare", with_past / without)
    return 0


if __name__ == "__main__":
    sys.exit(main())
