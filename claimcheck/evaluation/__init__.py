"""Measuring claimcheck: readers for annotated data, metrics, bootstrap intervals and baselines.

==================  ==================================================================
``spans``           exact precision, recall and F1 of source, cue and content spans
``tokens``          the same of tokens with BIO labels, as CofeNet has them
``classification``  accuracy, macro-F1, confusion and calibration of NLI labels
``stances``         accuracy, macro-F1 and the FNC-1 score of stances
``verification``    balanced accuracy and macro-F1 of verdicts on claims
``behaviour``       relations between two statements, by capability (CheckList)
``articles``        whole articles end to end: attributions, speakers, parties, relations
``bootstrap``       percentile intervals over documents or items
``baselines``       majority, hypothesis only, word overlap, a regular-expression extractor
``readers``         the files that annotated data comes in
``results``         results JSON with commit, hardware and versions
==================  ==================================================================

Import the modules themselves; nothing here loads torch.
"""
