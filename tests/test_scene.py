"""The drawn scene: its truth fits its picture."""

import numpy as np

from coursekit.data.scene import CLASS_NAMES, PEOPLE, TILE, market_scene, tile_labels

SCENE = market_scene()


def test_every_class_is_there_and_every_pixel_has_one():
    assert set(np.unique(SCENE.labels)) == set(range(len(CLASS_NAMES)))
    assert SCENE.image.shape == (*SCENE.labels.shape, 3)


def test_boxes_hold_all_people_and_touch_them_on_every_side():
    mask = SCENE.labels == PEOPLE
    inside = np.zeros_like(mask)
    for left, top, right, bottom in SCENE.people:
        person = mask[top:bottom, left:right]
        assert person[0].any() and person[-1].any()
        assert person[:, 0].any() and person[:, -1].any()
        inside[top:bottom, left:right] = True
    assert not (mask & ~inside).any()


def test_colors_change_where_labels_do():
    """A label's edge without an edge in the picture would be a truth nobody could see."""
    step = np.abs(np.diff(SCENE.image.astype(int), axis=1)).sum(2) > 0
    near = step.copy()
    near[:, 1:] |= step[:, :-1]
    near[:, :-1] |= step[:, 1:]
    edge = np.diff(SCENE.labels.astype(int), axis=1) != 0
    assert (edge & ~near).sum() == 0


def test_tiles_have_their_most_frequent_class():
    tiles = tile_labels(SCENE.labels)
    for (row, col), label in np.ndenumerate(tiles):
        patch = SCENE.labels[row * TILE : (row + 1) * TILE, col * TILE : (col + 1) * TILE]
        assert (patch == label).sum() == np.bincount(patch.ravel()).max()


def test_the_scene_cannot_be_changed_by_who_uses_it():
    assert not SCENE.image.flags.writeable
    assert not SCENE.labels.flags.writeable
