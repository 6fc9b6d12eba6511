"""Pages of images: which rows, in which order, from where on.

What a caller may see is the union of a few ranges (own, public, community, shared with it).
Each range is read along an index that ends in the sort keys, from the marker on, and gives at
most one page of ids; the union of these, cut to a page, is the answer. Where a filter matches
few images of all, the page is made from these instead. A statement is built once for each
shape of a question, and reused for all values. Source: spec images-api §6-7.
"""
