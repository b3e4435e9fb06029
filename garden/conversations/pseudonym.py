"""Pseudonyms: somebody's identifier comes in, an identifier and a name that the garden has made up go out.

Both come from a keyed digest: the same person is called the same all over a garden and after every build, in
another garden otherwise, and nobody without the key can tell who it is or try who it might be.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable
from typing import Final

from garden.archive.cover import Cover
from garden.archive.event import UserId

_ID_BYTES: Final = 8
_ID_LETTERS: Final = 12
_LOWEST: Final = 10
_NUMBERS: Final = 90

_PLACES: Final = """
Alpine Arctic Azure Bamboo Barley Beach Birch Boreal Bramble Breeze Bright Brisk Bronze Brookside Calm
Canal Canopy Cedar Chalk Chestnut Cinnamon Cloud Coast Cobalt Copper Cotton Cove Crimson Dapple Dew
Distant Downland Drift Drizzle Dune Dusk Early Eastern Ebb Estuary Evening Evergreen Fallow Fenland
Field Flax Foam Fog Foothill Fresh Frost Garden Gentle Glade Golden Gorse Grassland Green Grove Gulf
Harbour Harvest Hazy Heathland Hedgerow Highland Hillside Honey Indigo Inland Island Kelp Lagoon Lake
Lantern Larch Lavender Leafy Lemon Lilac Lime Lowland Lunar Maple Marble Marsh Meadow Mellow Midday
Midnight Mild Mint Mist Moonlit Moorland Morning Moss Mountain Mulberry Night Noon Northern Nutmeg Oak
Oat Ocean Ochre Orchard Pasture Peach Pebble Pine Plum Polar Pond Poplar Prairie Quartz Quiet Rain
Rainbow Reed Reef Ridge Ripple Riverside Rocky Rosy Russet Rye Sand Sapphire Seaside Sedge Shale Shell
Shingle Shore Silver Sky Slate Snow Southern Spring Spruce Starlit Steppe Stone Strand Stream Summit
Sunlit Sunrise Surf Terrace Thatch Thicket Tidal Timber Topaz Tranquil Tundra Turf Turquoise Twilight
Upland Valley Velvet Verdant Vernal Walnut Warm Water Wave Western Wheat Wild Wind Winter Woodland
"""
"""Where and when something lives: landscapes, weather, times of the day, colours, trees."""

_BEINGS: Final = """
Alder Anemone Avocet Bedstraw Beech Bilberry Blackcap Blackthorn Bluebell Bluebird Bobolink Bracken
Brambling Bulbul Bullfinch Bulrush Bumblebee Bunting Burnet Campion Catbird Cattail Chaffinch Chamomile
Chickadee Chiffchaff Cloudberry Comfrey Cormorant Cornflower Cottongrass Cowslip Cranberry Crane
Cranesbill Cricket Crocus Crossbill Curlew Daffodil Damselfly Dogwood Dormouse Dragonfly Dunlin Dunnock
Edelweiss Egret Eider Elderberry Elm Eyebright Falcon Fantail Fescue Fieldfare Firecrest Firefly
Flamingo Flycatcher Foxglove Fritillary Fulmar Gadwall Gentian Godwit Goldcrest Goldeneye Goldfinch
Grasshopper Grebe Greenfinch Greenshank Guillemot Hairstreak Harebell Hare Harrier Hawkmoth Hawthorn
Hedgehog Heron Hollyhock Honeyeater Honeysuckle Hoopoe Hornbeam Horsetail Ibis Jacana Junco Kestrel
Kingfisher Kinglet Kittiwake Lacewing Ladybird Lapwing Larkspur Lichen Lingonberry Lupin Mallard Mayfly
Meadowlark Meadowsweet Merganser Moorhen Nightjar Oregano Oriole Osprey Otter Owl Oystercatcher Pelican
Peony Petrel Pintail Pipit Plover Pochard Puffin Razorbill Redpoll Redshank Redstart Redwing Sainfoin
Sanderling Sandpiper Saxifrage Seal Shearwater Shelduck Shoveler Silvereye Siskin Skipper Skua Skylark
Snowdrop Speedwell Spindle Spoonbill Squirrel Stitchwort Stonechat Stonecrop Stork Sundew Swan Sycamore
Tanager Teasel Tern Thistle Thyme Toadflax Towhee Treecreeper Trefoil Tulip Turaco Turnstone Vetch Vireo
Wagtail Warbler Waterlily Waxwing Wheatear Whimbrel Whinchat Whitebeam Whitethroat Wigeon Woodpecker
Yarrow
"""
"""What lives there: birds, plants, small animals; no given names, and nothing that people call others."""


def make_pseudonym(user: UserId, digest: Callable[[str], str]) -> Cover:
    """Make up who somebody is: `@member-abcdefghijkl:garden.invalid`, called `Reed Warbler 27`.

    `digest` is keyed and gives at least 32 hexadecimal digits, as HMAC-SHA256 (RFC 2104) does. Sixty bits of
    it are in the identifier: among a million people two have the same with a chance of 1 in 2 million. There
    are three million names: among 100 people two have the same with a chance of 1 in 600, among 1000 of 1 in
    6; where they meet in a room they are told apart as other people of one name are. The name is made from
    bits that the identifier does not show.
    """
    places, beings = _PLACES.split(), _BEINGS.split()
    drawn = bytes.fromhex(digest(user))
    letters = b32encode(drawn[:_ID_BYTES]).decode("ascii").lower()[:_ID_LETTERS]
    place, being, number = (int.from_bytes(drawn[start : start + 2], "big") for start in (8, 10, 12))
    return Cover(
        UserId(f"@member-{letters}:garden.invalid"),
        f"{places[place % len(places)]} {beings[being % len(beings)]} {_LOWEST + number % _NUMBERS}",
    )
