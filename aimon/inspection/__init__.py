"""What is declared, inspected and edited. In: a project, perhaps a new text of a file. Out: mistakes, edits."""
