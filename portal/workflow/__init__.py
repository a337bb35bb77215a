"""Approval chains: who must agree, in what order, before something may happen."""
