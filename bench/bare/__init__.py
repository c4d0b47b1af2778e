"""What the product is measured against: plain Django + DRF with the same columns and inserts, nothing else.

Same tables, server, workers, middleware and session. No rules, scopes, form, routing, hash or hint.
"""
