"""The JSON API: everything that the pages show, for programs. It reads and changes nothing."""
