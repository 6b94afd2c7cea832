"""Grouping schemes (分组方案) that users have: folders of tables and the official workbooks, to the frame that groupers read."""
