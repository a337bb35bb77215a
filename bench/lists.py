"""The camera list as a registrar sees it, at 20,000 and at 1,000,000 cameras: it must not matter how many there are.

Three pages each: the first, one deep inside, and a filtered one. Keyset paging promises that a page costs the same
wherever it stands and however long the list is: every ratio here should stay near 1.
"""

import re
import sys

from flask.testing import FlaskClient

from bench.ground import city, enter, median_seconds, quick, ratio
from portal.app import create_app

SIZES = (2_000, 20_000) if quick() else (20_000, 1_000_000)
DEEP_PAGES = 20


def follow(client: FlaskClient, path: str, pages: int) -> str:
    """The address of a page some way into the list."""
    for _ in range(pages):
        found = re.search(r'href="([^"]+)"[^>]*rel="next"|rel="next"[^>]*href="([^"]+)"', client.get(path).text)
        if found is None:
            break
        path = (found[1] or found[2]).replace("&amp;", "&")
    return path


def measure(cameras: int) -> dict[str, float]:
    """Median seconds of each kind of page."""
    with city(cameras) as (settings, _services):
        app = create_app(settings)
        with app.test_client() as client:
            enter(client, "cityregistrar")  # who sees every camera
            pages = {
                "first": "/cameras",
                "deep": follow(client, "/cameras", DEEP_PAGES),
                "filtered": "/cameras?q=%E5%A4%A7%E9%81%93",
            }
            found = {}
            for name, path in pages.items():
                assert client.get(path).status_code == 200, path
                found[name] = median_seconds(lambda path=path: client.get(path))
                print(f"{cameras:>9,} cameras, {name:9} page {found[name] * 1000:8.1f} ms", flush=True)
        app.extensions["portal_database"].dispose()
        return found


def main() -> int:
    """Measure both sizes and compare."""
    small, large = (measure(size) for size in SIZES)
    for name in small:
        ratio(f"list_{name}_{SIZES[1]}_over_{SIZES[0]}", large[name] / small[name])
    ratio("list_deep_over_first", large["deep"] / large["first"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
