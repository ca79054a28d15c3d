"""A small terminal: what stands on the screen of a program that writes to it.

It knows what a plain ANSI terminal knows that wraps long lines and reflows them when it is resized:
printable ASCII, CR, LF, BEL, cursor up (CSI A), erase in line and display (CSI K, CSI J), colours
(CSI m, ignored). Anything else is an error of the program under test: Unknown is raised.
"""


class Unknown(Exception):
    pass


class Screen:
    def __init__(self, cols, rows):
        self.cols, self.rows = cols, rows
        self.lines = [""]      # logical lines, from the beginning; the last rows are visible
        self.x = self.y = 0    # of the cursor: column within, and index of, a row
        self.grid = [["", False]]  # rows: text, and whether the next row goes on with it
        self.pending = ""      # the beginning of an escape sequence
        self.bold = False
        self.draws = 0

    # what stands there ------------------------------------------------------------------------

    def top(self):
        return max(0, len(self.grid) - self.rows)

    def visible(self):
        return [row[0].rstrip() for row in self.grid[self.top():]]

    def text(self):
        """Everything, wrapped lines put together."""
        out, line = [], ""
        for text, wraps in self.grid:
            line += text
            if not wraps:
                out.append(line.rstrip())
                line = ""
        return out

    # writing ----------------------------------------------------------------------------------

    def feed(self, data):
        data = self.pending + data
        self.pending = ""
        i = 0
        while i < len(data):
            c = data[i]
            if c == "\x1b":
                end = i + 1
                if end < len(data) and data[end] != "[":
                    raise Unknown(repr(data[i:i + 10]))
                end += 1
                while end < len(data) and not data[end].isalpha():
                    end += 1
                if end >= len(data):
                    self.pending = data[i:]
                    return
                self.escape(data[i + 2:end], data[end])
                i = end + 1
                continue
            if c == "\r":
                self.x = 0
            elif c == "\n":
                self.line_feed()
            elif c == "\x07":
                pass
            elif " " <= c <= "~":
                self.put(c)
            else:
                raise Unknown(repr(data[max(0, i - 20):i + 20]))
            i += 1

    def line_feed(self):
        self.y += 1
        if self.y == len(self.grid):
            self.grid.append(["", False])

    def put(self, c):
        if self.x == self.cols:
            self.grid[self.y][1] = True
            self.line_feed()
            self.x = 0
        row = self.grid[self.y]
        text = row[0].ljust(self.x)
        row[0] = text[:self.x] + c + text[self.x + 1:]
        self.x += 1

    def escape(self, args, name):
        n = int(args) if args.isdigit() else None
        if name == "A":
            self.y = max(self.top(), self.y - (n or 1))
            self.draws += 1
        elif name == "K" and not n:
            self.grid[self.y][0] = self.grid[self.y][0][:self.x]
            self.grid[self.y][1] = False
        elif name == "J" and not n:
            self.escape("", "K")
            del self.grid[self.y + 1:]
        elif name == "m":
            self.bold = args == "1"
        else:
            raise Unknown(f"CSI {args}{name}")

    def resize(self, cols, rows):
        """Wrapped lines are put together and wrapped anew; the cursor stays with its line."""
        logical, at, here = [], 0, 0
        line = ""
        for i, (text, wraps) in enumerate(self.grid):
            if i == self.y:
                at, here = len(logical), len(line) + self.x
            line += text.ljust(self.cols) if wraps else text
            if not wraps:
                logical.append(line.rstrip())
                line = ""
        self.cols, self.rows = cols, rows
        self.grid = []
        for i, text in enumerate(logical):
            pieces = [text[k:k + cols] for k in range(0, len(text), cols)] or [""]
            if i == at:
                self.y, self.x = len(self.grid) + min(here // cols, len(pieces) - 1), here % cols
            self.grid += [[p, k + 1 < len(pieces)] for k, p in enumerate(pieces)]
