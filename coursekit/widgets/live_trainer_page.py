"""What a page knows of a live trainer: traits, the messages it gets, the requests it sends."""

import os
import weakref
from time import monotonic
from typing import Any

import traitlets
from ipywidgets.widgets import widget

from coursekit.problem import Problem
from coursekit.widgets.forgiving import Between, Whole
from coursekit.widgets.live_trainer_report import SHOWN_IMAGES, lifted
from coursekit.widgets.live_trainer_requests import REQUESTS, serve
from coursekit.widgets.picture import SNAPSHOT_MIME, LivePicture

_PATIENCE = 30.0  # seconds without a word from any page, after which nobody is watching
_AWAY = 3.0  # seconds without a single picture of the trainer on a page
SETTINGS = ("lr", "momentum", "batch_size", "weight_decay")


class TrainerPage(LivePicture):
    """The traits of a live trainer, and its conversation with the pages that show it.

    While training runs, news goes out as messages, and the traits follow when it ends: a trait
    is kept and sent whole, a message is not.
    """

    remembered = SETTINGS
    lr = Between(0, 100, 0.02).tag(sync=True)
    momentum = Between(0, 0.999, 0.9).tag(sync=True)
    batch_size = Whole(1, 4096).tag(sync=True)
    weight_decay = Between(0, 10, 5e-4).tag(sync=True)
    probe = Whole(0, SHOWN_IMAGES - 1, help="which image the layers are shown for").tag(sync=True)
    phase = traitlets.Unicode("ready", help="a key of live_trainer_words.PHASES").tag(sync=True)
    readouts = traitlets.Dict(help="numbers by name").tag(sync=True)
    curves = traitlets.Dict(help="losses, accuracies, gradients").tag(sync=True)
    layers = traitlets.List(help="facts of every layer").tag(sync=True)
    pictures = traitlets.Dict(help="of every layer, with the bytes they are in").tag(sync=True)
    tests = traitlets.Dict(help="images, what they are, and the net's answers").tag(sync=True)
    own = traitlets.Dict(help="a picture of one's own, and the net's answers").tag(sync=True)
    definition = traitlets.Unicode(help="the net as Python, where it can be written").tag(sync=True)
    totals = traitlets.Dict(help="parameters, and images of each set").tag(sync=True)
    graph_start = traitlets.Int(0, help="step from which curves are drawn").tag(sync=True)
    has_pretrained = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **settings: Any) -> None:
        self._views: set[str] = set()
        self._heard = self._left = 0.0
        self._told = 0
        super().__init__(**settings)
        self.on_msg(TrainerPage._listen)  # a function: a bound method would keep this one alive
        self._be_forgettable()

    def _be_forgettable(self) -> None:
        """Live no longer than someone holds this, until it is shown for the first time.

        ipywidgets keeps every widget for ever, which would keep a dropped one training.
        """
        me = weakref.ref(self)
        self.comm.on_msg(lambda message: (own := me()) and own._handle_msg(message))
        widget._instances.pop(self.model_id, None)

    # ---- telling ----

    def tell(self, **values: Any) -> None:
        """Send new values of traits to the pages, without setting the traits."""
        buffers: list[Any] = []
        self.send({"kind": "news", "values": lifted(values, buffers)}, buffers)

    # ---- hearing ----

    def _listen(self, content: Any, buffers: Any) -> None:
        """Answer a request; a bad one leaves a sentence."""
        self._heard = monotonic()
        wish = content.get("do") if isinstance(content, dict) else None
        if wish == "bye":
            self._views.discard(content.get("view"))
            self._left = self._heard
        elif wish in ("hello", "here"):
            self._views.add(content.get("view"))
            if wish == "hello":
                self.send({"kind": "welcome"})
                self.tell_all()
        elif wish in REQUESTS:
            self._serve(content, buffers)

    def _serve(self, content: dict[str, Any], buffers: Any) -> None:
        self.complain("request", "")
        try:
            serve(self, content, buffers)
        except Problem as problem:
            self.complain("request", str(problem))
        self.send({"kind": "done"})

    def tell_all(self) -> None:
        """Send everything that is shown."""
        raise NotImplementedError

    def expect_watchers(self) -> None:
        """Begin to wait for a word from the pages; where there are none, nobody is waited for."""
        self._heard = monotonic() if self._views else 0.0

    def unwatched(self, quiet: float) -> str:
        """Why training should pause since nobody sees it; empty when somebody may.

        quiet: seconds in which a page could have been heard and was not.
        """
        if not self._heard:
            return ""  # started from Python where it was not shown
        if not self._views and monotonic() - self._left > _AWAY:
            return "The picture was closed, so training was paused."
        if quiet > _PATIENCE:
            return "No page has answered for half a minute, so training was paused."
        return ""

    # ---- showing ----

    def stable_text(self) -> str:
        """Text that is the same on every machine."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **keywords: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        widget._instances[self.model_id] = self
        bundle, metadata = super()._repr_mimebundle_(**keywords)
        bundle["text/plain"] = f"{self.stable_text()} {self.problem}".strip()
        if os.environ.get("COURSEKIT_SNAPSHOT") == "1":
            bundle[SNAPSHOT_MIME].pop("network", None)  # weights are no part of a page
        return bundle, metadata

    def __repr__(self) -> str:
        return self.stable_text()
