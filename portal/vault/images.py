"""Checks an image and writes the copy that is shown: drawn anew, upright, without the camera's notes or the place."""

import warnings
from pathlib import Path

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from portal.vault.values import FileType, Refusal, Refused

_FORMATS = {FileType.JPEG: "JPEG", FileType.PNG: "PNG", FileType.WEBP: "WEBP"}
_MOST_EDGE = 65_500


def clean_image(path: Path, copy: Path, found: FileType, *, most_pixels: int, shown_edge: int = 0) -> dict[str, object]:
    """Write the copy in the same format, no edge longer than `shown_edge` if one is given; answers width, height and
    whether notes (EXIF) were dropped."""
    # The limit below is checked before a pixel is decoded; Pillow's own one would only warn up to twice its value.
    Image.MAX_IMAGE_PIXELS = None
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(path, formats=(_FORMATS[found],)) as image:
                return _redraw(image, copy, found, most_pixels, shown_edge)
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
            raise Refused(Refusal.DAMAGED, reason=type(error).__name__) from None


def _redraw(image: Image.Image, copy: Path, found: FileType, most_pixels: int, shown_edge: int) -> dict[str, object]:
    width, height = image.size
    if width * height > most_pixels or max(width, height) > _MOST_EDGE:
        raise Refused(Refusal.TOO_MANY_PIXELS, width=width, height=height, most=most_pixels)
    has_notes = bool(image.getexif()) or bool({"exif", "XML:com.adobe.xmp", "xmp", "comment"} & set(image.info))
    image.load()
    upright = ImageOps.exif_transpose(image)
    clean = _without_notes(upright, found)
    if shown_edge:
        clean.thumbnail((shown_edge, shown_edge))
    if found is FileType.PNG:
        clean.save(copy, "PNG", optimize=False, compress_level=6)
    elif found is FileType.WEBP:
        clean.save(copy, "WEBP", quality=88)
    else:
        clean.save(copy, "JPEG", quality=90, optimize=False)
    return {"width": clean.width, "height": clean.height, "notes_dropped": has_notes}


def _without_notes(image: Image.Image, found: FileType) -> Image.Image:
    if found is FileType.JPEG:
        plain = image.convert("L" if image.mode == "L" else "RGB")
    elif image.mode in {"RGB", "RGBA", "L", "LA", "1"}:
        plain = image
    else:
        plain = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    # A new image takes the pixels alone: info, EXIF, profiles and text chunks stay with the old one.
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    return bare
