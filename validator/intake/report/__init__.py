"""What the intake writes for people: pages (templates in ``reports/intake``) and workbooks."""
