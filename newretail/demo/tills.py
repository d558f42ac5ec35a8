"""Says through which channel, in which store and by which guide each visit was sold."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from newretail.demo import draws

ONLINE_SHARE = 0.18
PLACED_SHARE = 0.5
CHANNELS = {"mall": 0.6, "group_buy": 0.25, "live": 0.15}
SCENES = {
    "mall": ["image_text", "short_video", "store_share"],
    "live": ["live_stream"],
    "group_buy": ["community"],
}
# Seven of ten orders carry a guide; half of the online ones have no store, hence none.
GUIDED_SHARE = 0.7 / (1 - ONLINE_SHARE * (1 - PLACED_SHARE))
OWN_GUIDE_SHARE = 0.8


def sold(visits: pd.DataFrame, shops: pd.DataFrame, staff: pd.DataFrame) -> pd.DataFrame:
    """Add channel, scene, store_code and staff_no to the visits."""
    keys = visits["key"].to_numpy()
    # Some members like to buy online, most hardly do: the mean over members is the share.
    liking = 3 * ONLINE_SHARE * draws.unit(visits["member"], "online") ** 2
    online = draws.unit(keys, "channel") < liking
    channel = np.where(online, draws.pick(keys, "channel.kind", *_table(CHANNELS)), "store")
    scene = np.full(len(visits), "", dtype=object)
    for name, scenes in SCENES.items():
        here = channel == name
        scene[here] = draws.pick(keys[here], "scene", scenes)
    placed = ~online | (draws.unit(keys, "placed") < PLACED_SHARE)
    codes = shops.set_index("store")["code"].reindex(visits["store"]).to_numpy()
    guided = placed & (draws.unit(keys, "guided") < GUIDED_SHARE)
    return visits.assign(
        channel=channel,
        scene=scene,
        store_code=np.where(placed, codes, ""),
        staff_no=np.where(guided, _guides(visits, staff), ""),
    )


def _table(shares: dict[str, float]) -> tuple[list[str], list[float]]:
    return list(shares), list(shares.values())


def _guides(visits: pd.DataFrame, staff: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Choose for each visit a guide of its store: mostly the one this member always goes to."""
    guides = staff[staff["role"] == "guide"].sort_values("staff_no", ignore_index=True)
    first = guides.reset_index().groupby("store")["index"].agg(["min", "size"])
    here = first.reindex(visits["store"])
    start, count = here["min"].to_numpy(), here["size"].to_numpy()
    keys = visits["key"].to_numpy()
    usual = draws.whole(draws.pair(visits["member"], visits["store"]), "guide", count)
    other = draws.whole(keys, "guide.other", count)
    own = draws.unit(keys, "guide.own") < OWN_GUIDE_SHARE
    return guides["staff_no"].to_numpy()[start + np.where(own, usual, other)]
