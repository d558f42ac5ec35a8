"""How much is put on guides."""

BATCH = 500  # claimed and handed over at once
USUAL_A_DAY, MOST_A_DAY = 20, 200  # tasks of plans that a guide is given in a day
USUAL_DAYS, MOST_DAYS = 3, 30  # how many days she has
