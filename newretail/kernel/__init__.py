"""Who and when: users, journal, job runs, money, clock, files, errors."""
