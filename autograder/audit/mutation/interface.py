"""Makes wrong inputs and outputs: renamed, swapped, dropped."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.audit.mutation.edit import Edit, Model, rename


def interface_edits(model: Model) -> Iterator[Edit]:
    """Yield every change of a model's inputs and outputs."""
    if model["graph"] is None:
        return
    graph = model["graphs"][model["graph"]]
    for ends, keys, side in (("outputs", "output_keys", "output"), ("inputs", "input_keys", "input")):
        names = graph[keys] or graph[f"{side}_names"]
        for place, name in enumerate(names):
            if len(names) > 1:
                yield _dropped(side, ends, place, name)
            for other in range(place):
                yield _exchanged(side, ends, place, other, (name, names[other]))
            yield _renamed(side, keys, place, name)


def _dropped(side: str, ends: str, place: int, name: str) -> Edit:
    def apply(model: Model) -> None:
        graph = model["graphs"][model["graph"]]
        for key in (ends, f"{side}_names", f"{side}_keys"):
            if graph[key] is not None:
                del graph[key][place]

    return Edit(f"{side} dropped", f"without the {side} {name}", apply, (name,))


def _exchanged(side: str, ends: str, place: int, other: int, names: tuple[str, str]) -> Edit:
    def apply(model: Model) -> None:
        graph = model["graphs"][model["graph"]]
        # Names that Keras takes from layers move with them; keys of a dict stay where they are.
        for key in (ends, f"{side}_names"):
            graph[key][place], graph[key][other] = graph[key][other], graph[key][place]

    return Edit(f"{side}s exchanged", f"{names[0]} and {names[1]} exchanged", apply, names)


def _renamed(side: str, keys: str, place: int, name: str) -> Edit:
    def apply(model: Model) -> None:
        graph = model["graphs"][model["graph"]]
        if graph[keys] is not None:
            graph[keys][place] = f"{name}x"
            return
        graph[f"{side}_names"][place] = f"{name}x"
        reference = graph[f"{side}s"][place]
        rename(model["operations"][graph["calls"][reference[0]]["operation"]], f"{name}x")

    return Edit(f"{side} renamed", f"{side} {name} is called {name}x", apply, (name, f"{name}x"), "name")
