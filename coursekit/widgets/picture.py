"""The base of every widget: live in a browser, a still picture and a sentence elsewhere."""

import base64
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import numpy as np
import traitlets

from coursekit.widgets.forgiving import pack
from coursekit.widgets.scripts import joined

SNAPSHOT_MIME = "application/vnd.coursekit.widget+json"
_FOLDER = Path(__file__).parent


class LivePicture(anywidget.AnyWidget):
    """A widget with a still picture, a sentence and a stable text form.

    A subclass names its `script` (an ES module beside this file; a style sheet of the same name
    joins kit.css), keeps `sentence` saying what the picture shows, and draws itself in `draw`.
    remembered: the traits that a reader changes, in the order in which they are set again.
    """

    script: ClassVar[str]
    remembered: ClassVar[tuple[str, ...]] = ()
    sentence = traitlets.Unicode(help="what the picture shows, in words").tag(sync=True)
    problem = traitlets.Unicode(help="what is wrong with the last value set").tag(sync=True)

    def __init_subclass__(cls, **keywords: Any) -> None:
        if "script" in cls.__dict__:
            script = _FOLDER / cls.script
            sheets = [_FOLDER / "kit.css", script.with_suffix(".css")]
            cls._esm = joined(script)
            cls._css = "".join(sheet.read_text("utf-8") for sheet in sheets if sheet.exists())
        super().__init_subclass__(**keywords)

    def __init__(self, *positional: Any, **keywords: Any) -> None:
        self._complaints: dict[str, str] = {}
        super().__init__(*positional, **keywords)

    def complain(self, name: str, sentence: str) -> None:
        """Note what is wrong with one trait; an empty sentence takes the note back."""
        self._complaints.pop(name, None)
        if sentence:
            self._complaints[name] = sentence
        self.problem = " ".join(self._complaints.values())

    @property
    def state(self) -> dict[str, Any]:
        """What a reader has set, as plain values for JSON: to be kept, sent, and set again.

        Setting it restores the picture; what does not fit is said in `problem`.
        """
        return {name: _plain(getattr(self, name)) for name in self.remembered}

    @state.setter
    def state(self, state: Mapping[str, Any]) -> None:
        unknown = sorted(set(state) - set(self.remembered))
        known = ", ".join(self.remembered)
        named = f"The state has {', '.join(unknown)}; this picture remembers {known}."
        self.complain("state", named if unknown else "")
        with self.hold_sync():
            for name in self.remembered:
                if name in state:
                    self._set_again(name, state[name])

    def _set_again(self, name: str, value: Any) -> None:
        if isinstance(value, list) and isinstance(getattr(self, name), tuple):
            value = tuple(value)
        try:
            setattr(self, name, value)
        except traitlets.TraitError:
            self.complain("state", f"{name} is {value!r}, which this picture cannot take.")

    def draw(self, figure: Any) -> None:
        """Draw the still picture on a matplotlib figure."""
        raise NotImplementedError

    def still(self) -> bytes:
        """Still picture of the present state: a PNG, the same bytes each time."""
        import matplotlib.style
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        with matplotlib.style.context("default"):
            figure = Figure(figsize=(9, 3.6), dpi=110, layout="constrained")
            canvas = FigureCanvasAgg(figure)
            self.draw(figure)
            canvas.draw()
        return _as_png(np.asarray(canvas.buffer_rgba()))

    def snapshot(self) -> dict[str, Any]:
        """Module, style and state: all that a page without a kernel needs."""
        own = [name for name in self.keys if name not in anywidget.AnyWidget.class_trait_names()]
        state = {name: _as_json(getattr(self, name)) for name in own if name[0] != "_"}
        return {"module": str(self._esm), "css": str(self._css), "state": state}

    def _repr_mimebundle_(self, **keywords: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle, metadata = super()._repr_mimebundle_(**keywords)
        bundle["image/png"] = base64.b64encode(self.still()).decode()
        bundle["text/plain"] = f"{self.problem} {self.sentence}".strip() or repr(self)
        if os.environ.get("COURSEKIT_SNAPSHOT") == "1":
            bundle[SNAPSHOT_MIME] = self.snapshot()
        return bundle, metadata | {"image/png": {"alt": bundle["text/plain"]}}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def _as_png(pixels: np.ndarray) -> bytes:
    """Pixels (H, W, 4) as a PNG of 256 colors: a third of the bytes that notebooks carry."""
    from PIL import Image

    target, picture = io.BytesIO(), Image.fromarray(pixels).convert("RGB")
    few = picture.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # The octree, by far the quickest, averages what is nearly white; paper stays white.
    colors = np.reshape(few.getpalette(), (-1, 3))
    colors[colors.min(axis=1) > 250] = 255
    few.putpalette(colors.flatten().tolist())
    few.save(target, "PNG")
    return target.getvalue()


def _plain(value: Any) -> Any:
    """A trait's value for JSON; arrays as lists."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def _as_json(value: Any) -> Any:
    """A trait's value as JSON; arrays, at any depth, as dtype, shape and base64."""
    if isinstance(value, np.ndarray):
        return _as_json(pack(value))
    if isinstance(value, dict) and {"shape", "dtype", "data"} == value.keys():
        data = base64.b64encode(value["data"]).decode()
        return {"dtype": value["dtype"], "shape": value["shape"], "base64": data}
    if isinstance(value, dict):
        return {name: _as_json(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(part) for part in value]
    return value
