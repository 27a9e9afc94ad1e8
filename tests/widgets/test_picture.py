"""The base of the widgets: bundle, still picture, snapshot, and arrays that forgive."""

import base64
import json
import subprocess
import sys

import numpy as np
import pytest
import traitlets

from coursekit.widgets import ConvolutionStepper
from coursekit.widgets.forgiving import Array, Number, Whole, pack, unpack
from coursekit.widgets.page import host_script, widget_html
from coursekit.widgets.picture import SNAPSHOT_MIME
from coursekit.widgets.wording import number_text

VIEW_MIME = "application/vnd.jupyter.widget-view+json"
PNG_START = b"\x89PNG\r\n\x1a\n"


def test_bundle_carries_view_picture_sentence_and_alternative_text():
    stepper = ConvolutionStepper()
    bundle, metadata = stepper._repr_mimebundle_()
    assert bundle.keys() == {VIEW_MIME, "image/png", "text/plain"}
    assert base64.b64decode(bundle["image/png"]).startswith(PNG_START)
    assert bundle["text/plain"] == stepper.sentence
    assert metadata["image/png"]["alt"] == stepper.sentence


def test_still_picture_has_the_same_bytes_in_another_process():
    code = (
        "import sys, hashlib; from coursekit.widgets import ConvolutionStepper as S;"
        "print(hashlib.sha256(S(stride=2, padding=1).still()).hexdigest())"
    )
    runs = [subprocess.check_output([sys.executable, "-c", code]) for _ in range(2)]
    assert runs[0] == runs[1]


def test_still_picture_follows_the_state():
    stepper = ConvolutionStepper()
    before = stepper.still()
    stepper.position = (1, 1)
    assert stepper.still() != before


def test_text_form_holds_no_address():
    assert repr(ConvolutionStepper(stride=2)) == (
        "ConvolutionStepper(kernel_size=3, stride=2, padding=0, dilation=1)"
    )


def test_snapshot_is_json_and_holds_module_style_and_state(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SNAPSHOT", "1")
    bundle, _ = ConvolutionStepper(stride=2)._repr_mimebundle_()
    snapshot = json.loads(json.dumps(bundle[SNAPSHOT_MIME]))
    assert snapshot["state"]["stride"] == 2
    assert not [name for name in snapshot["state"] if name.startswith("_") or name == "layout"]
    image = snapshot["state"]["image"]
    numbers = np.frombuffer(base64.b64decode(image["base64"]), image["dtype"])
    np.testing.assert_array_equal(numbers.reshape(image["shape"]), ConvolutionStepper().image)
    assert "export default" in snapshot["module"]
    assert ".ck-root" in snapshot["css"]


def test_page_cannot_be_broken_by_what_a_widget_says(monkeypatch):
    monkeypatch.setenv("COURSEKIT_SNAPSHOT", "1")
    bundle, _ = ConvolutionStepper()._repr_mimebundle_()
    bundle[SNAPSHOT_MIME]["state"]["problem"] = "</script><!--"
    bundle["text/plain"] = 'a "quoted" <sentence>'
    html = widget_html(bundle)
    assert html.count("</script>") == 1
    assert "<!--" not in html
    assert 'alt="a &quot;quoted&quot; &lt;sentence&gt;"' in html
    assert host_script().count("</script>") == 1


class Owner(traitlets.HasTraits):
    """Any owner of forgiving traits."""

    array = Array((2, 4, 4))
    whole = Whole(1, 5)
    number = Number(0.0)

    def __init__(self, **values):
        self.said = {}
        super().__init__(**values)

    def complain(self, name, sentence):
        self.said[name] = sentence


BAD_ARRAYS = [
    (np.full((1, 2, 2), np.nan), "holds 4 values that cannot be drawn"),
    ([[[np.inf]]], "holds 1 value that cannot be drawn"),
    (np.full((1, 1, 1), 1e300), "beyond float32"),
    (np.zeros((0, 4, 4)), "is empty, its shape is (0, 4, 4)"),
    (np.zeros((2, 4000, 4)), "at most 2×4×4: pass a crop"),
    (np.zeros((4, 4)), "has shape (4, 4); expected 3 axes"),
    ("abc", "could not be read as numbers"),
    (object(), "could not be read as numbers"),
    ([[1, 2], [3]], "could not be read as numbers"),
    ([[[1 + 2j]]], "could not be read as numbers"),
]


@pytest.mark.parametrize(("bad", "sentence"), BAD_ARRAYS)
def test_bad_array_leaves_a_sentence_and_the_array_before_it(bad, sentence):
    owner = Owner(array=np.ones((1, 2, 2)))
    owner.array = bad
    assert sentence in owner.said["array"]
    assert owner.said["array"].endswith("The picture keeps what it had.")
    np.testing.assert_array_equal(owner.array, np.ones((1, 2, 2)))
    owner.array = np.zeros((1, 1, 1))
    assert owner.said["array"] == ""


@pytest.mark.parametrize(
    "good",
    [
        np.arange(4).reshape(1, 2, 2),
        np.arange(4, dtype=np.uint8).reshape(1, 2, 2),
        np.arange(16.0).reshape(2, 2, 4)[:1, :, ::2],
        np.asfortranarray(np.arange(8.0).reshape(2, 2, 2)),
        [[[1, 2], [3, 4]]],
        np.ones((1, 2, 2), bool),
    ],
)
def test_any_array_of_numbers_is_kept_contiguous_in_float32(good):
    owner = Owner(array=good)
    assert owner.array.dtype == np.float32
    assert owner.array.flags.c_contiguous
    np.testing.assert_array_equal(owner.array, np.asarray(good))
    np.testing.assert_array_equal(unpack(pack(owner.array)), owner.array)


def test_array_is_a_copy():
    mine = np.zeros((1, 1, 1), np.float32)
    owner = Owner(array=mine)
    mine[:] = 5
    assert owner.array[0, 0, 0] == 0


@pytest.mark.parametrize("bad", [0, 6, 2.0, "3", True, None, 10**30])
def test_bad_whole_number_leaves_a_sentence(bad):
    owner = Owner(whole=3)
    owner.whole = bad
    assert "takes a whole number from 1 to 5" in owner.said["whole"]
    assert owner.whole == 3


@pytest.mark.parametrize("bad", [np.nan, "x", [1, 2], None])
def test_bad_number_leaves_a_sentence(bad):
    owner = Owner(number=0.5)
    owner.number = bad
    assert owner.said["number"]
    assert owner.number == 0.5
    owner.number = np.array([2.0])
    assert owner.number == 2


def test_numbers_in_words():
    spoken = {0.1 + 0.2: "0.3", -1.0: "−1", 1234.5: "1234.5", 9.6e6: "1e7", -4e-9: "0"}
    spoken |= {-0.0044: "−0.004", 0.00096: "0.001", 4e-4: "4e−4"}
    assert {value: number_text(value) for value in spoken} == spoken
