"""manage.py verify_books --brand CODE: recompute what is stored; exit 1 when a difference is unexplained."""

import sys
from typing import Any

from newretail.kernel import books
from newretail.kernel.inbrand import BrandCommand


class Command(BrandCommand):
    """Prove the brand's books; the last line says unexplained=N."""

    help = "Recompute by independent SQL what is stored, and name each difference."

    def work(self, **_: Any) -> None:
        """Prove each law, then tell what waits."""
        findings = books.verify()
        for finding in findings:
            self.stdout.write(f"NO  {finding.law}: {finding.count}")
            for example in finding.examples:
                self.stdout.write(f"      {example}")
        for name in set(books.LAWS) - {finding.law for finding in findings}:
            self.stdout.write(f"ok  {name}")
        for name, count in books.explained().items():
            if count:
                self.stdout.write(f"..  {name}: {count}")
        unexplained = sum(finding.count for finding in findings)
        self.stdout.write(f"laws={len(books.LAWS)} unexplained={unexplained}")
        if unexplained:
            sys.exit(1)
