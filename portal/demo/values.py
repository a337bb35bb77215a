"""The act the demonstration city is recorded under."""

from portal.audit.values import audit_tag

CITY_LOADED = audit_tag("demo:city:load", "Demonstration city loaded")
