#!/usr/bin/env python3
"""Writes the office document that the demo protects: a report of a company that does not exist.

  make_demo_document.py [FILE]      default: c-examples/data/tidal-report.docx

A Word document (an OPC package with WordprocessingML parts) of several pages with a table and two pictures. All
text and both pictures are made here from the standard library, with no clock and no randomness, so the same Python
and zlib give the same bytes. The result is committed; `make check` never runs this.
"""
import os
import struct
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib
from xml.sax.saxutils import escape

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULT = os.path.join(HERE, "..", "c-examples", "data", "tidal-report.docx")

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
PIC = "http://schemas.openxmlformats.org/drawingml/2006/picture"
PACKAGE_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
HEADER = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NAMESPACES = 'xmlns:w="%s" xmlns:r="%s" xmlns:wp="%s" xmlns:a="%s" xmlns:pic="%s"' % (W, R, WP, A, PIC)
EMU_PER_PIXEL = 9525  # at 96 pixels an inch

# ------------------------------------------------------------------ figures of the report

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
ENERGY = {  # MWh delivered to the grid
    "Gannet Sound": [412, 398, 451, 437, 420, 388, 379, 401, 446, 458, 431, 419],
    "Kittiwake Narrows": [268, 251, 290, 284, 277, 246, 239, 262, 288, 301, 279, 270],
}
OUTAGE_HOURS = [14, 22, 6, 4, 9, 31, 27, 12, 5, 3, 8, 16]

# ------------------------------------------------------------------ pictures

FONT = {  # 5 x 7 dots, one row per number, the high bit of five on the left
    "0": (14, 17, 19, 21, 25, 17, 14), "1": (4, 12, 4, 4, 4, 4, 14), "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14), "4": (2, 6, 10, 18, 31, 2, 2), "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14), "7": (31, 1, 2, 4, 8, 8, 8), "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12), "A": (14, 17, 17, 31, 17, 17, 17), "D": (28, 18, 17, 17, 17, 18, 28),
    "F": (31, 16, 16, 30, 16, 16, 16), "J": (7, 2, 2, 2, 2, 18, 12), "M": (17, 27, 21, 21, 17, 17, 17),
    "N": (17, 25, 21, 19, 17, 17, 17), "O": (14, 17, 17, 17, 17, 17, 14), "S": (15, 16, 16, 14, 1, 1, 30),
    "W": (17, 17, 17, 21, 21, 21, 10), "h": (16, 16, 22, 25, 17, 17, 17),
}


class Picture:
    """An RGB raster that can draw a chart and encode itself as PNG."""

    def __init__(self, width, height, colour):
        self.width, self.height = width, height
        self.rows = [bytearray(bytes(colour) * width) for _ in range(height)]

    def dot(self, x, y, colour):
        if 0 <= x < self.width and 0 <= y < self.height:
            self.rows[y][3 * x:3 * x + 3] = bytes(colour)

    def box(self, x0, y0, x1, y1, colour):
        for y in range(max(y0, 0), min(y1, self.height)):
            for x in range(x0, x1):
                self.dot(x, y, colour)

    def text(self, x, y, text, colour, scale=2):
        for character in text:
            for dy, bits in enumerate(FONT.get(character, (0,) * 7)):
                for dx in range(5):
                    if bits & (16 >> dx):
                        self.box(x + dx * scale, y + dy * scale, x + (dx + 1) * scale, y + (dy + 1) * scale, colour)
            x += 6 * scale

    def png(self):
        """PNG with the Paeth filter on every row, which suits both the chart and the relief."""
        raw, above = bytearray(), bytes(3 * self.width)
        for row in self.rows:
            raw.append(4)
            for i, value in enumerate(row):
                left = row[i - 3] if i >= 3 else 0
                corner = above[i - 3] if i >= 3 else 0
                guess = left + above[i] - corner
                by_distance = ((abs(guess - left), 0, left), (abs(guess - above[i]), 1, above[i]), (abs(guess - corner), 2, corner))
                raw.append((value - min(by_distance)[2]) & 255)
            above = row

        def chunk(kind, body):
            return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(raw), 9)) + chunk(b"IEND", b"")


def energy_chart():
    """Two bars for each month, with a scale in MWh."""
    picture = Picture(640, 320, (255, 255, 255))
    bottom, left, top_value = 280, 60, 500
    for value in range(0, top_value + 1, 100):
        y = bottom - value * 240 // top_value
        picture.box(left, y, 625, y + 1, (205, 210, 216))
        picture.text(12, y - 7, "%3d" % value if value else "  0", (70, 76, 84))
    for month in range(12):
        x = left + 8 + month * 47
        for place, (site, colour) in enumerate((("Gannet Sound", (22, 92, 125)), ("Kittiwake Narrows", (232, 150, 60)))):
            height = ENERGY[site][month] * 240 // top_value
            picture.box(x + place * 17, bottom - height, x + place * 17 + 15, bottom, colour)
        picture.text(x + 11, bottom + 10, MONTHS[month][0], (70, 76, 84))
    picture.box(left, bottom, 625, bottom + 2, (70, 76, 84))
    picture.text(12, 6, "MWh", (70, 76, 84))
    return picture.png()


def lattice(x, y, octave):
    """A number from 0 to 255 for one point of a lattice: always the same for the same point."""
    value = (x * 374761393 + y * 668265263 + octave * 2147483647) & 0xFFFFFFFF
    value = ((value ^ (value >> 13)) * 1274126177) & 0xFFFFFFFF
    return (value ^ (value >> 16)) & 255


def depth(x, y):
    """Depth of the sea floor, as a sum of smoothed lattices; integers only, so that no platform rounds differently."""
    total = 0
    for octave, (cell, weight) in enumerate(((128, 16), (64, 8), (32, 4), (16, 2), (8, 1))):
        gx, gy, fx, fy = x // cell, y // cell, (x % cell) * 256 // cell, (y % cell) * 256 // cell
        sx, sy = fx * fx * (768 - 2 * fx) >> 16, fy * fy * (768 - 2 * fy) >> 16
        upper = lattice(gx, gy, octave) * (256 - sx) + lattice(gx + 1, gy, octave) * sx
        lower = lattice(gx, gy + 1, octave) * (256 - sx) + lattice(gx + 1, gy + 1, octave) * sx
        total += weight * ((upper * (256 - sy) + lower * sy) >> 8)
    return total // 31


def sea_floor():
    """A shaded relief of the sea floor with contour lines and the turbines of one site."""
    width, height = 440, 300
    picture = Picture(width, height, (0, 0, 0))
    depths = [[depth(x, y) for x in range(width + 1)] for y in range(height + 1)]
    for y in range(height):
        for x in range(width):
            here, east, south = depths[y][x], depths[y][x + 1], depths[y + 1][x]
            light = max(-60, min(60, (here - east + here - south) // 6))
            level = here >> 8
            colour = (20 + level // 4 + light, 70 + level // 2 + light, 120 + level // 3 + light)
            if (here // 4096) != (east // 4096) or (here // 4096) != (south // 4096):
                colour = (235, 240, 242)
            picture.dot(x, y, [max(0, min(255, value)) for value in colour])
    for turbine in range(8):
        x, y = 70 + turbine * 40, 90 + (turbine % 3) * 45
        picture.box(x - 4, y - 4, x + 5, y + 5, (255, 255, 255))
        picture.box(x - 3, y - 3, x + 4, y + 4, (200, 60, 40))
        picture.text(x + 8, y - 6, str(turbine + 1), (255, 255, 255))
    return picture.png()


# ------------------------------------------------------------------ text

REPORT = [
    ("Title", "Larkspur Tidal Works"),
    ("Subtitle", "Report to the board on the operating year, with the plan for the third site"),
    ("Notice", "Confidential. For members of the board and the people they name. This company, its sites and its figures are invented; "
               "the report exists to be protected by a demonstration."),
    ("Heading1", "1. The year in short"),
    ("", "The two sites delivered {total} MWh, four per cent more than the plan. The gain came from the second half of the year, after the "
         "pitch bearings of turbines 3 and 7 at Gannet Sound were replaced, and not from stronger tides: the tidal range was within one per "
         "cent of the long-term tables in every month."),
    ("", "Outages took {outage} hours. Almost half of them fell in June and July, when a fishing net fouled two rotors within three weeks. No "
         "one was hurt, no oil was lost, and the harbour authority closed both reports without a condition."),
    ("Bullet", "Energy delivered: {total} MWh, of which Gannet Sound {gannet} MWh and Kittiwake Narrows {kittiwake} MWh."),
    ("Bullet", "Availability of the plant: 98.2 per cent by hours, 98.7 per cent by energy."),
    ("Bullet", "Decision asked of the board: release the first third of the money for Petrel Channel."),
    ("Heading1", "2. Energy delivered"),
    ("", "The figures below were read from the revenue meters at the two landing stations and agree with the invoices of the grid operator. "
         "They are net of the power that the stations use themselves, about eleven MWh a month in winter and six in summer."),
    ("Table", ""),
    ("Caption", "Table 1. Energy delivered and hours of outage, by month."),
    ("Picture", "chart"),
    ("Caption", "Figure 1. Energy by month in MWh: Gannet Sound dark, Kittiwake Narrows light."),
    ("", "Spring and autumn carry the year. The equinox tides raise the flow through the narrows above 2.4 metres a second for more than five "
         "hours a day, and the machines then run at their rated power for as long as the flow lasts. In high summer the same hours give a "
         "sixth less, which is why planned maintenance is booked for July."),
    ("Break", ""),
    ("Heading1", "3. The plant"),
    ("Heading2", "3.1 Gannet Sound"),
    ("", "Eight turbines stand on gravity bases at depths between twenty-two and thirty-one metres. They were lifted in turn during the neap "
         "tides, one a month, so that seven were always at work. Each lift took the crew of the barge Sandpiper two tides: one to bring the "
         "nacelle up, one to set it back."),
    ("", "The bearings taken from turbines 3 and 7 showed wear on one side. The workshop found the reason in the seal carrier, which had been "
         "machined a tenth of a millimetre out of true before it was delivered. All eight carriers have since been measured; two more were "
         "changed as a precaution, and the maker has accepted the bill."),
    ("Picture", "floor"),
    ("Caption", "Figure 2. Sea floor at Gannet Sound with the eight turbines, from the survey of last May."),
    ("Heading2", "3.2 Kittiwake Narrows"),
    ("", "The five older machines ran without a lift. Their power electronics stand ashore, so most faults are mended by one person with a van. "
         "The longest outage, nineteen hours in February, was a cooling pump that failed on a night when the ferry did not sail; a spare pump "
         "and the tools for it are now kept in the station itself."),
    ("", "Marine growth on the blades was lighter than in any year before. We think that the coating of two years ago deserves the credit, but "
         "one mild year proves little, and the divers will measure the same twelve spots again next season before we recommend it for the "
         "other site."),
    ("Heading2", "3.3 Cables and landing stations"),
    ("", "The export cable of Gannet Sound was surveyed along its whole length. It lies free over eleven metres near the second bend, one metre "
         "more than three years ago. Rock bags are ordered, and the work fits into a single day of calm weather. The landing stations passed "
         "the five-yearly inspection; the lightning conductor at Kittiwake was renewed."),
    ("Break", ""),
    ("Heading1", "4. People and safety"),
    ("", "Forty-one people work for the company, three more than a year ago: two technicians who finished their training with us, and a second "
         "marine biologist. There was no accident with lost time. Nine near misses were reported, against four the year before; we read "
         "this as better reporting, since six of the nine are about the same slippery ladder, which has been replaced."),
    ("", "The rescue exercise with the lifeboat station took place in October in a wind of force six. The casualty was aboard after fourteen "
         "minutes. The two handheld radios that failed in the spray have been retired, and the new ones were tried under the pier with a "
         "fire hose."),
    ("Heading1", "5. Wildlife"),
    ("", "Observers on the headland and two microphones on the sea floor watched for seals and porpoises throughout the year. Porpoises passed "
         "the array on 212 days and kept, as before, some eighty metres from turning rotors. No collision was seen or heard. The raw "
         "recordings have been given to the university, which will publish them with its own analysis."),
    ("", "The licence asks us to stop the machines when more than twenty seals haul out on the skerry during the pupping weeks. That happened on "
         "three days and cost 21 MWh. We suggest to the board that the company stops on its own account from the fifteenth seal on: it would "
         "have cost nine MWh more, and it ends an argument that has taken more time than the energy is worth."),
    ("Heading1", "6. Petrel Channel"),
    ("", "The third site would hold six machines of the new pattern, whose blades turn about their axis by a hydraulic ring in place of the "
         "bearings that troubled us. The consent has been granted; the grid connection is promised for the autumn after next, provided that "
         "the first payment is made before the end of March."),
    ("", "The plan has three gates. At each of them the board may stop, and the money spent until then buys something that keeps its value: "
         "first the survey and the connection, then the foundations, which another operator could use, and last the machines."),
    ("Bullet", "Gate one, March: connection agreement and survey of the sea floor. A third of the money."),
    ("Bullet", "Gate two, the following spring: foundations and cable. Half of the money."),
    ("Bullet", "Gate three, the autumn after: six machines, lifted in one season. The rest."),
    ("", "At the tariff we have been offered the site pays for itself in eleven years, and in thirteen if the flow is five per cent below the "
         "model. The model was tested against our other two sites, where it was two per cent too low and one per cent too high."),
    ("Heading1", "7. What we ask of the board"),
    ("", "To take note of the report; to release the money for gate one; to agree to the earlier stop for seals; and to thank the crew of the "
         "Sandpiper, who lifted eight nacelles in a year in which the forecast was wrong more often than the crew."),
]


def run(text):
    return '<w:r><w:t xml:space="preserve">%s</w:t></w:r>' % escape(text)


def paragraph(style, content):
    properties = '<w:pPr><w:pStyle w:val="%s"/></w:pPr>' % style if style else ""
    return "<w:p>%s%s</w:p>" % (properties, content)


def table():
    """The monthly figures, with a heading row that repeats on a new page, and a row of sums."""
    columns = (1700, 2400, 2600, 2300)
    rows = [["Month", "Gannet Sound, MWh", "Kittiwake Narrows, MWh", "Outage, hours"]]
    for month in range(12):
        rows.append([MONTHS[month]] + [str(ENERGY[site][month]) for site in ENERGY] + [str(OUTAGE_HOURS[month])])
    rows.append(["Year"] + [str(sum(ENERGY[site])) for site in ENERGY] + [str(sum(OUTAGE_HOURS))])
    out = ['<w:tbl><w:tblPr><w:tblStyle w:val="Figures"/><w:tblW w:w="%d" w:type="dxa"/></w:tblPr><w:tblGrid>' % sum(columns)]
    out += ['<w:gridCol w:w="%d"/>' % width for width in columns]
    out.append("</w:tblGrid>")
    for number, row in enumerate(rows):
        out.append("<w:tr>" + ("<w:trPr><w:tblHeader/></w:trPr>" if number == 0 else ""))
        for width, text in zip(columns, row):
            bold = "<w:rPr><w:b/></w:rPr>" if number in (0, len(rows) - 1) else ""
            out.append('<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr><w:p><w:r>%s<w:t>%s</w:t></w:r></w:p></w:tc>' % (width, bold, escape(text)))
        out.append("</w:tr>")
    out.append("</w:tbl>")
    return "".join(out)


def picture(number, relation, name, width, height):
    cx, cy = width * EMU_PER_PIXEL, height * EMU_PER_PIXEL
    return paragraph("", (
        '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{cx}" cy="{cy}"/><wp:docPr id="{n}" name="{name}"/>'
        '<a:graphic><a:graphicData uri="{pic}"><pic:pic><pic:nvPicPr><pic:cNvPr id="{n}" name="{name}"/><pic:cNvPicPr/></pic:nvPicPr>'
        '<pic:blipFill><a:blip r:embed="{rel}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/>'
        '<a:ext cx="{cx}" cy="{cy}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        '</wp:inline></w:drawing></w:r>').format(cx=cx, cy=cy, n=number, name=name, pic=PIC, rel=relation))


def body():
    totals = {"gannet": sum(ENERGY["Gannet Sound"]), "kittiwake": sum(ENERGY["Kittiwake Narrows"]), "outage": sum(OUTAGE_HOURS)}
    totals["total"] = totals["gannet"] + totals["kittiwake"]
    out = []
    for style, text in REPORT:
        if style == "Table":
            out.append(table())
        elif style == "Break":
            out.append('<w:p><w:r><w:br w:type="page"/></w:r></w:p>')
        elif style == "Picture":
            out.append(picture(1, "rId10", "Energy by month", 576, 288) if text == "chart" else picture(2, "rId11", "Sea floor", 528, 360))
        else:
            out.append(paragraph(style, run(text.format(**totals))))
    section = ('<w:sectPr><w:headerReference w:type="default" r:id="rId12"/><w:footerReference w:type="default" r:id="rId13"/>'
               '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1418" w:right="1418" w:bottom="1418" w:left="1418" w:header="709" w:footer="709" w:gutter="0"/></w:sectPr>')
    return HEADER + "<w:document %s><w:body>%s%s</w:body></w:document>" % (NAMESPACES, "".join(out), section)


def style(kind, identifier, name, properties="", based_on="Normal", default=False):
    return '<w:style w:type="%s"%s w:styleId="%s"><w:name w:val="%s"/>%s%s</w:style>' % (
        kind, ' w:default="1"' if default else "", identifier, name, '<w:basedOn w:val="%s"/>' % based_on if based_on else "", properties)


def styles():
    def letters(size, extra=""):
        return '<w:rPr>%s<w:sz w:val="%d"/></w:rPr>' % (extra, size)

    def spaced(before, after, extra=""):
        return '<w:pPr>%s<w:spacing w:before="%d" w:after="%d"/></w:pPr>' % (extra, before, after)

    border = "".join('<w:%s w:val="single" w:sz="4" w:space="0" w:color="8A929A"/>' % side for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    parts = [
        style("paragraph", "Normal", "Normal", spaced(0, 140) + '<w:rPr><w:sz w:val="22"/></w:rPr>', based_on="", default=True),
        style("paragraph", "Title", "Title", spaced(1800, 120) + letters(56, "<w:b/>")),
        style("paragraph", "Subtitle", "Subtitle", spaced(0, 480) + letters(28, "<w:i/>")),
        style("paragraph", "Notice", "Notice", spaced(0, 480) + letters(20, '<w:color w:val="8C2F1B"/>')),
        style("paragraph", "Heading1", "heading 1", spaced(360, 120, "<w:keepNext/>").replace("</w:pPr>", '<w:outlineLvl w:val="0"/></w:pPr>') + letters(32, "<w:b/>")),
        style("paragraph", "Heading2", "heading 2", spaced(240, 80, "<w:keepNext/>").replace("</w:pPr>", '<w:outlineLvl w:val="1"/></w:pPr>') + letters(26, "<w:b/>")),
        style("paragraph", "Caption", "caption", spaced(60, 240) + letters(18, "<w:i/>")),
        style("paragraph", "Bullet", "List Bullet", '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'),
        style("table", "Figures", "Figures", "<w:tblPr><w:tblBorders>%s</w:tblBorders></w:tblPr>" % border, based_on=""),
    ]
    defaults = ('<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Liberation Serif" w:hAnsi="Liberation Serif"/><w:lang w:val="en-GB"/></w:rPr>'
                "</w:rPrDefault></w:docDefaults>")
    return HEADER + '<w:styles xmlns:w="%s">%s%s</w:styles>' % (W, defaults, "".join(parts))


def numbering():
    level = ('<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="\u2022"/><w:lvlJc w:val="left"/>'
             '<w:pPr><w:ind w:left="567" w:hanging="283"/></w:pPr></w:lvl>')
    return HEADER + ('<w:numbering xmlns:w="%s"><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/>%s</w:abstractNum>'
                     '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>') % (W, level)


def relationships(rows):
    items = "".join('<Relationship Id="%s" Type="%s" Target="%s"/>' % row for row in rows)
    return HEADER + '<Relationships xmlns="%s">%s</Relationships>' % (PACKAGE_RELS, items)


def parts():
    """Every part of the package: name -> (content type or None for the relationship parts, bytes)."""
    page = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    core = ('<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            "<dc:title>Larkspur Tidal Works: report to the board</dc:title><dc:creator>Larkspur Tidal Works</dc:creator></cp:coreProperties>")
    text = {
        "word/document.xml": (WORD + "document.main+xml", body()),
        "word/styles.xml": (WORD + "styles+xml", styles()),
        "word/numbering.xml": (WORD + "numbering+xml", numbering()),
        "word/header1.xml": (WORD + "header+xml", HEADER + "<w:hdr %s>%s</w:hdr>" % (NAMESPACES, paragraph("Caption", run("Larkspur Tidal Works \u2013 confidential")))),
        "word/footer1.xml": (WORD + "footer+xml", HEADER + "<w:ftr %s>%s</w:ftr>" % (NAMESPACES, paragraph("Caption", page))),
        "docProps/core.xml": ("application/vnd.openxmlformats-package.core-properties+xml", HEADER + core),
        "_rels/.rels": (None, relationships([
            ("rId1", R + "/officeDocument", "word/document.xml"),
            ("rId2", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "docProps/core.xml")])),
        "word/_rels/document.xml.rels": (None, relationships([
            ("rId1", R + "/styles", "styles.xml"), ("rId2", R + "/numbering", "numbering.xml"), ("rId10", R + "/image", "media/energy.png"),
            ("rId11", R + "/image", "media/sea-floor.png"), ("rId12", R + "/header", "header1.xml"), ("rId13", R + "/footer", "footer1.xml")])),
    }
    types = "".join('<Override PartName="/%s" ContentType="%s"/>' % (name, kind) for name, (kind, _) in text.items() if kind)
    types = ('<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
             '<Default Extension="png" ContentType="image/png"/>') + types
    out = {"[Content_Types].xml": (HEADER + '<Types xmlns="%s">%s</Types>' % (CONTENT_TYPES, types)).encode()}
    out.update((name, content.encode()) for name, (_, content) in text.items())
    out["word/media/energy.png"] = energy_chart()
    out["word/media/sea-floor.png"] = sea_floor()
    return out


# ------------------------------------------------------------------ package

def write(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, content in parts().items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, content)


def verify(path):
    """What a reader relies on: well-formed parts, a content type for each, and relationships and ids that lead somewhere."""
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        names = package.namelist()
        assert names[0] == "[Content_Types].xml"
        for name in names:
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(package.read(name))
        types = ElementTree.fromstring(package.read("[Content_Types].xml"))
        extensions = {item.get("Extension") for item in types.findall("{%s}Default" % CONTENT_TYPES)}
        overrides = {item.get("PartName")[1:] for item in types.findall("{%s}Override" % CONTENT_TYPES)}
        assert overrides <= set(names)
        assert all(name in overrides or name.rsplit(".", 1)[-1] in extensions for name in names[1:])
        ids = set()
        for name in (n for n in names if n.endswith(".rels")):
            folder = os.path.dirname(os.path.dirname(name))
            for item in ElementTree.fromstring(package.read(name)):
                assert os.path.normpath(os.path.join(folder, item.get("Target"))) in names, item.get("Target")
                if folder:
                    ids.add(item.get("Id"))
        document = ElementTree.fromstring(package.read("word/document.xml"))
        used = {value for element in document.iter() for key, value in element.attrib.items() if key.startswith("{%s}" % R)}
        assert used and used <= ids, used - ids
        known = {item.get("{%s}styleId" % W) for item in ElementTree.fromstring(package.read("word/styles.xml"))}
        styled = {element.get("{%s}val" % W) for tag in ("pStyle", "tblStyle") for element in document.iter("{%s}%s" % (W, tag))}
        assert styled <= known, styled - known
    size = os.path.getsize(path)
    assert 120_000 <= size <= 250_000, size
    print("%s: %d bytes, %d parts" % (os.path.relpath(path), size, len(names)))


if __name__ == "__main__":
    target = sys.argv[1] if len(sys.argv) > 1 else DEFAULT
    os.makedirs(os.path.dirname(os.path.abspath(target)), exist_ok=True)
    write(target)
    verify(target)
