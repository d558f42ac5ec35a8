"""The kind of file that tells whose customers members are."""

from guides.actions import bonds
from newretail.kernel.files.importing import Importer, enter

enter(Importer(bonds.ADDED, bonds.record_file, tables=("guides_bond",), withdraw=bonds.take_back))
