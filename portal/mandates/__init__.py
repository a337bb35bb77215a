"""Who must install and has not; what the police did with an owner's footage; public projects and moved cameras."""
