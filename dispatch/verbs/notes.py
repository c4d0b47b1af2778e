"""Words beside the loop: they leave state and clocks alone."""

from dispatch.advance import Move, effect


@effect("comment")
def comment(move: Move) -> None:
    move.texts["text"] = move.data["text"]
