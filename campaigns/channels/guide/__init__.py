"""The guide's task: her guide is asked to say it, in her own name."""
