"""The ONVIF service descriptions, parsed once a process and shared by every probe.

Building them per device is what makes ONVIFCamera cost 72 ms and 5 MB each.
"""

import importlib.metadata
import logging
import threading
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from zeep import Client, Settings
from zeep.wsdl import Document

# zeep.Settings: answers come from devices nobody vouches for.
STRICT: Final = Settings(
    strict=True,
    xml_huge_tree=False,
    forbid_dtd=True,
    forbid_entities=True,
    forbid_external=True,
)
_loading = threading.Lock()


class Service(StrEnum):
    """The ONVIF services a probe uses, by the file that describes each."""

    DEVICE = "devicemgmt.wsdl"
    MEDIA = "media.wsdl"
    SEARCH = "search.wsdl"

    @property
    def namespace(self) -> str:
        """The service's name on the wire."""
        name = {"devicemgmt.wsdl": "device"}.get(self.value, self.value.removesuffix(".wsdl"))
        return f"http://www.onvif.org/ver10/{name}/wsdl"

    @property
    def binding(self) -> str:
        """The binding zeep is asked for."""
        name = {"devicemgmt.wsdl": "Device"}.get(self.value, self.value.removesuffix(".wsdl").title())
        return f"{{{self.namespace}}}{name}Binding"


class WsdlMissing(Exception):
    """onvif-zeep is installed without its service descriptions."""


@cache
def wsdl_dir() -> Path:
    """Where onvif-zeep put its descriptions.

    Asked of the installer's record: the package's own default is wrong whenever its wheel was
    built by another Python, and then only fails at the first probe.
    """
    for file in importlib.metadata.files("onvif-zeep") or ():
        if file.as_posix().endswith("wsdl/devicemgmt.wsdl"):
            folder = Path(str(file.locate())).resolve().parent
            missing = [service for service in Service if not (folder / service).is_file()]
            if not missing:
                return folder
    raise WsdlMissing("onvif-zeep's wsdl directory is not where its installation says; reinstall it")


@cache
def _parse(service: Service) -> Document:
    make: Any = Client
    parsed: Document = make(str(wsdl_dir() / service), settings=STRICT).wsdl
    return parsed


def document(service: Service) -> Document:
    """The parsed description; safe to share between threads, measured."""
    with _loading:
        return _parse(service)


def client_for(service: Service, *, token: Any, transport: Any) -> Any:
    """A client over the shared description: some forty microseconds, with its own token."""
    make: Any = Client
    return make(document(service), wsse=token, transport=transport, settings=STRICT)


def preload() -> None:
    """Parse everything now: before a worker forks, so that its children share the pages."""
    for service in Service:
        document(service)


def onvif_module() -> Any:
    """Import onvif without what its import does to everybody's logging."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    import onvif
    import onvif.client

    root.handlers[:], root.level = handlers, level
    return onvif
