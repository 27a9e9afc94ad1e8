"""Small changes of a function's source, one at a time, as slips of the pen are."""

import ast
import copy
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

OPERATORS = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add, ast.Div],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Mult, ast.Div],
    ast.Mod: [ast.FloorDiv],
    ast.Pow: [ast.Mult],
    ast.MatMult: [ast.Mult],
    ast.BitAnd: [ast.BitOr],
    ast.BitOr: [ast.BitAnd],
}
COMPARISONS = {
    ast.Lt: [ast.LtE, ast.Gt],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
}
NAMES = {  # of variables and of functions, exchanged with one another
    one: other
    for pair in (
        ("h", "w"), ("kh", "kw"), ("oh", "ow"), ("i", "j"), ("u", "v"), ("n", "f"), ("c", "f"),
        ("top", "left"), ("rows", "columns"), ("row", "column"), ("height", "width"),
        ("max", "min"), ("argmax", "argmin"), ("maximum", "minimum"), ("zeros", "ones"),
        ("sum", "mean"), ("var", "std"), ("round", "floor"), ("any", "all"),
    )
    for one, other in (pair, pair[::-1])
}  # fmt: skip


def mutants_of(function: Callable[..., Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """(what it is now, changed answer) for every single change of an answer's source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in ast.walk(tree):  # annotations do nothing
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.FunctionDef):
            node.returns = None
    for position, node in enumerate(ast.walk(tree)):
        for changed in changes(node):
            mutant = copy.deepcopy(tree)
            _put(mutant, position, changed)
            words = ast.unparse(changed) if changed else f"without {ast.unparse(node)}"
            space = dict(vars(sys.modules[function.__module__]))
            exec(compile(mutant, "<mutant>", "exec"), space)
            yield f"{function.__name__}: {words}", space[function.__name__]


def _put(tree: ast.AST, position: int, changed: ast.AST | None) -> None:
    """Replace the node at this position of a walk, or delete it."""
    wanted = list(ast.walk(tree))[position]

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST | None:
            return changed if node is wanted else self.generic_visit(node)

    Replace().visit(tree)
    for node in ast.walk(tree):  # a block that lost its only statement
        if getattr(node, "body", None) == []:
            node.body = [ast.Pass()]
    ast.fix_missing_locations(tree)


def changes(node: ast.AST) -> Iterator[ast.AST | None]:
    """What one node can be changed into; None deletes it."""
    for kind, rule in RULES.items():
        if isinstance(node, kind):
            yield from rule(node)


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _operator(node: ast.BinOp) -> Iterator[ast.AST]:
    for other in OPERATORS.get(type(node.op), []):
        yield _with(node, op=other())


def _accumulation(node: ast.AugAssign) -> Iterator[ast.AST | None]:
    yield from _operator(node)
    yield ast.Assign([node.target], node.value)
    yield None


def _comparison(node: ast.Compare) -> Iterator[ast.AST]:
    for other in COMPARISONS.get(type(node.ops[0]), []):
        yield _with(node, ops=[other(), *node.ops[1:]])


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield _with(node, value=not node.value)
    elif isinstance(node.value, int):
        yield _with(node, value=node.value + 1)
        yield _with(node, value=node.value - 1)
    elif isinstance(node.value, float):
        yield _with(node, value=2 * node.value + 1)


def _moved(node: ast.expr, step: int) -> ast.expr:
    """A number one larger or smaller."""
    return ast.BinOp(node, ast.Add(), ast.Constant(step))


def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    for field in ("lower", "upper", "step"):
        bound = getattr(node, field)
        if bound is None:
            continue
        yield _with(node, **{field: None})
        if not isinstance(bound, ast.Constant | ast.UnaryOp):  # those are changed on their own
            yield from (_with(node, **{field: _moved(bound, step)}) for step in (1, -1))


def _call(node: ast.Call) -> Iterator[ast.AST]:
    for position in range(len(node.keywords)):
        yield _with(node, keywords=node.keywords[:position] + node.keywords[position + 1 :])
    if len(node.args) > 1:
        yield _with(node, args=[node.args[1], node.args[0], *node.args[2:]])
    if isinstance(node.func, ast.Name) and node.func.id == "range" and len(node.args) == 1:
        yield _with(node, args=[_moved(node.args[0], -1)])
        yield _with(node, args=[ast.Constant(1), node.args[0]])


def _keyword(node: ast.keyword) -> Iterator[ast.AST]:
    """One of several axes left out."""
    axes = node.value.elts if node.arg == "axis" and isinstance(node.value, ast.Tuple) else []
    for axis in axes:
        rest = [other for other in axes if other is not axis]
        yield _with(node, value=ast.Tuple(rest, ast.Load()))


def _branch(node: ast.If | ast.IfExp) -> Iterator[ast.AST]:
    yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))


def _connective(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _with(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())


def _statement(node: ast.Expr) -> Iterator[None]:
    if not isinstance(node.value, ast.Constant):  # a docstring
        yield None


def _attribute(node: ast.Attribute) -> Iterator[ast.AST]:
    if node.attr in NAMES:
        yield _with(node, attr=NAMES[node.attr])


def _name(node: ast.Name) -> Iterator[ast.AST]:
    if node.id in NAMES and isinstance(node.ctx, ast.Load):
        yield _with(node, id=NAMES[node.id])


RULES: dict[type, Callable[[Any], Iterator[ast.AST | None]]] = {
    ast.BinOp: _operator,
    ast.AugAssign: _accumulation,
    ast.Assign: lambda node: iter([None]),
    ast.Compare: _comparison,
    ast.Constant: _constant,
    ast.UnaryOp: lambda node: iter([node.operand]),
    ast.Slice: _slice,
    ast.Call: _call,
    ast.keyword: _keyword,
    ast.If: _branch,
    ast.IfExp: _branch,
    ast.BoolOp: _connective,
    ast.Expr: _statement,
    ast.Raise: lambda node: iter([None]),
    ast.Attribute: _attribute,
    ast.Name: _name,
}
