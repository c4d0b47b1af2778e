"""How fast the product is, beside a bare Django + DRF view and pgbench with the same inserts.

python -m bench              prints the tables, in about a quarter of an hour
python -m bench --write      also writes docs/bench.md, docs/bench.json, docs/bench.svg and the README's table
python -m bench --part 0.01  tries the bench itself with a hundredth of everything
"""
