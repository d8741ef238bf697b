"""Letters rendered from fonts, as a sharded Dataset: each shard renders its own images."""

import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int64

from glyphlab.data.dataset import Dataset
from glyphlab.data.fonts import Face, UnusableFontError
from glyphlab.data.render import Strip, Style, draw_images, share_out
from glyphlab.data.sharding.making import Piece, make_shards
from glyphlab.data.sharding.order import check_count, cuts
from glyphlab.data.sharding.parts import write_part
from glyphlab.data.sharding.share import Form, Images
from glyphlab.data.sharding.wish import ShardWish, fingerprint
from glyphlab.data.sharding.work import Work, open_work
from glyphlab.data.survey import Survey
from glyphlab.errors import InputError
from glyphlab.places.place import Place, Shared
from glyphlab.progress import Progress

_ADVICE = "free some space, or choose another place"


@dataclass(frozen=True, eq=False)
class _Fonts:
    """What all shards of a part are rendered from.

    Parameters
    ----------
    faces : list of Face
    counts : int64 [faces, letters]
        How many images of each letter a face gives.
    letters : str
    style : Style
    form : Form
    """

    faces: list[Face]
    counts: Int64[np.ndarray, "faces letters"]
    letters: str
    style: Style
    form: Form


@dataclass(frozen=True, eq=False)
class FontsShare:
    """Images to be rendered.

    Parameters
    ----------
    fonts : shared _Fonts
    positions : int64 [n]
        Which, if all images of the part stand in a row: by faces, by letters, by numbers.
    """

    fonts: Shared[_Fonts]
    positions: Int64[np.ndarray, " n"]

    def images(self, progress: Progress) -> Images:
        """Render them, face by face."""
        fonts, n = self.fonts.get(), len(self.positions)
        ends = np.cumsum(fonts.counts)
        cells = np.searchsorted(ends, self.positions, side="right")
        numbers = self.positions - (ends - fonts.counts.ravel())[cells]
        faces, labels = np.divmod(cells, len(fonts.letters))
        images = np.zeros((n, fonts.style.size, fonts.style.size, 1), np.uint8)
        ids = [""] * n
        by_face = np.argsort(faces, kind="stable")
        edges = np.flatnonzero(np.diff(faces[by_face])) + 1
        done = 0
        for places in np.split(by_face, edges):
            face = fonts.faces[faces[places[0]]]
            strip = _strip(fonts, face, labels[places], numbers[places])
            images[places, :, :, 0] = strip.images
            for at, image_id in zip(places.tolist(), strip.ids, strict=True):
                ids[at] = image_id
            done += len(places)
            progress(done, n)
        form = fonts.form
        dataset = Dataset(images, labels, ids, form.classes, form.name, form.source)
        return Images(dataset, [], [])


def render_sharded(
    fonts: Survey,
    target: Path,
    wish: ShardWish,
    place: Place,
    *,
    refuse_taken: Callable[[], None],
    count: int | None = None,
    style: Style | None = None,
    test_share: float = 0.0,
    family_limit: int | None = None,
) -> None:
    """Render the letters of a survey as `render` does, spread at random over shards.

    Parameters
    ----------
    fonts, count, style, test_share, family_limit
        As of `render`; the images are the same.
    target : Path
        A folder; it appears when all is done. It holds the shards, or a folder `train` and one
        `test` of them if some are held out.
    wish : ShardWish
        Its size is that of the style.
    place : Place
        Where shards are made.
    refuse_taken : callable
        Raises if there is something at the target that shall stay.

    Raises
    ------
    InputError
        As `render`; or if the disk can't hold the shards.
    Interrupted
        On Ctrl-C.
    """
    style = style or Style()
    counts, held = share_out(fonts, count, test_share, family_limit, style.seed)
    shares = {"train": counts * ~held[:, None], "test": counts * held[:, None]}
    if not held.any():
        shares = {"": counts}
    parts = {part: _fonts(fonts, own, style, wish, part) for part, own in shares.items()}
    with open_work(target, _ADVICE) as work:
        request = _request(fonts, style, wish)
        if work.is_finished(request):
            work.discard()
            return
        refuse_taken()
        work.begin(request, fingerprint(request, *shares.values()))
        _make(parts, wish, place, work)
        for part, own in parts.items():
            skipped = [] if part == "test" else fonts.skipped
            write_part(work, part, own.form, wish.image_shape, skipped=skipped, sha256=None)
        work.put_in_place()


def _make(parts: dict[str, _Fonts], wish: ShardWish, place: Place, work: Work) -> None:
    pieces = [
        piece
        for part, fonts in parts.items()
        for piece in _pieces(part, fonts, place.put(fonts), wish.shard_size)
    ]
    wish.check_room(work, sum(piece.n for piece in pieces))
    with wish.bar(f"Rendering {wish.name}", "images") as progress:
        make_shards(work, pieces, place, progress, lambda: None)


def _pieces(part: str, fonts: _Fonts, shared: Shared[_Fonts], shard_size: int) -> list[Piece]:
    n = int(fonts.counts.sum())
    check_count(n, shard_size, fonts.form.name)
    order = np.random.default_rng([fonts.style.seed, n]).permutation(n)
    return [
        Piece(part, number, end - start, partial(FontsShare, shared, order[start:end]))
        for number, (start, end) in enumerate(cuts(n, shard_size))
    ]


def _fonts(
    fonts: Survey,
    counts: Int64[np.ndarray, "faces letters"],
    style: Style,
    wish: ShardWish,
    part: str,
) -> _Fonts:
    name = f"{wish.name}:{part}" if part else wish.name
    form = Form(name, f"{int(counts.any(1).sum())} faces of fonts", tuple(fonts.letters))
    return _Fonts(fonts.faces, counts, fonts.letters, style, form)


def _request(fonts: Survey, style: Style, wish: ShardWish) -> dict[str, Any]:
    """All that the images depend on beside how many there are, for JSON."""
    faces = [[face.key, face.index, face.size] for face in fonts.faces]
    digest = fingerprint({"faces": faces})
    return {"letters": fonts.letters, "faces": digest, "style": asdict(style), **wish.facts}


def _strip(
    fonts: _Fonts,
    face: Face,
    labels: Int64[np.ndarray, " k"],
    numbers: Int64[np.ndarray, " k"],
) -> Strip:
    wanted = list(zip(labels.tolist(), numbers.tolist(), strict=True))
    try:
        return draw_images(face, wanted, fonts.letters, fonts.style)
    except (OSError, UnusableFontError) as error:
        raise InputError(
            f"Can't draw from {face.path} on {platform.node()}: {error}; keep the fonts where "
            "all machines see them under the same path, and leave them as they are."
        ) from error
