"""The words and preference pairs for the golden files of the tiny models.

A completion starts with a space: TRL's standard format joins prompt and completion unchanged and appends the
end-of-sequence token as text. The pairs share prefixes in all the ways that packing must handle.
"""

SPECIALS = ["<pad>", "<bos>", "<eos>", "<unk>"]
WORDS = (
    "the a is it so and or at in for you i we yes no not sure well because note cost price where who "
    "give pay buy sell apple pear plum bread honey lamp rope boat mill inn farm coins stones both more "
    "0 1 2 3 4 5 6 7 8 9 ? . ! : = then here"
).split()
VOCABULARY = SPECIALS + WORDS
assert len(VOCABULARY) == len(set(VOCABULARY)) == 64

PAIRS = [
    # A long common prefix, then one different word, as in CLAIR's pairs.
    ("price for apple ?", " sure : the apple is 5 coins .", " sure : the apple is 4 coins ."),
    # One response is a prefix of the other.
    ("where is honey ?", " it is at the mill", " it is at the mill and the inn ."),
    ("where is the lamp ?", " at the farm because we sell it in the farm !", " at the farm"),
    # Only the prompt is shared, and the lengths differ much.
    ("apple and plum cost ?", " 7", " well i sell you a pear so no : it is not 3 or 4 both 9 stones ."),
    ("pay 9 for rope ?", " note : 9 = 2 and 7 so 7 coins", " here you give 9 stones !"),
    # The first prompt again, with its responses exchanged.
    ("price for apple ?", " sure : the apple is 4 coins .", " sure : the apple is 5 coins ."),
    # Responses of one word.
    ("boat or bread ?", " boat", " bread"),
    # A shared suffix, which packing must not share.
    ("who ?", " we sell honey at the inn .", " you buy honey at the inn ."),
]
