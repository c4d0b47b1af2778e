"""How fast the product is, beside a bare Django + DRF view and pgbench with the same inserts.

python -m bench            prints the tables, in less than four minutes
python -m bench --write    also writes docs/bench.md
"""
