"""The kinds of files that tell whose customers members are, and who works when."""

from guides.actions import bonds, shifts
from newretail.kernel.files.importing import Importer, enter

enter(Importer(bonds.ADDED, bonds.record_file, tables=("guides_bond",), withdraw=bonds.take_back))
enter(Importer(shifts.SHIFTS, shifts.record, tables=("guides_shift",), withdraw=shifts.take_back))
