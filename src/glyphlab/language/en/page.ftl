# What stands on every page.

page-skip = Skip to the content
page-footer = Made by glyphlab. This page is one file: it loads nothing and can be sent as it is.
page-again = How to do it again
