"""Tables in Excel files: their columns as data, read with every fault named, written as templates.

``columns`` says what a column is, ``opening`` lets only harmless files in, ``reading`` turns one into rows and
problems, ``writing`` makes a template or a filled list. Knows no models: an importer brings its columns along.
"""
