const rect = (x: number, y: number, width: number, height: number, radius = 0): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`;
const circle = (x: number, y: number, radius: number): string =>
  `<circle cx="${x}" cy="${y}" r="${radius}"/>`;
/** A closed shape. */
const shape = (path: string): string => `<path d="${path}"/>`;
/** Lines without a fill, dashed if `dashes` is set. */
const lines = (path: string, dashes = ''): string =>
  `<path d="${path}" fill="none"${dashes && ` stroke-dasharray="${dashes}"`}/>`;
const book = (...cover: readonly string[]): string =>
  rect(26, 16, 44, 64, 3) + lines('M34 16v64') + cover.join('');

/** The drawing of each product of the seeded catalogue, on a field of 96 by 96. */
export const drawings: Readonly<Record<string, string>> = {
  'LAPTOP-13': rect(24, 26, 48, 34, 3) + shape('M16 66h64l-4 6H20z'),
  'LAPTOP-16':
    rect(18, 20, 60, 42, 3) + lines('M26 30h24M26 38h36M26 46h18') + shape('M10 68h76l-4 7H14z'),
  'TABLET-11': rect(26, 16, 40, 62, 5) + circle(46, 71, 2) + shape('M76 22v46l-3 7-3-7V22z'),
  'MINI-PC': rect(24, 40, 48, 26, 6) + circle(62, 53, 3) + lines('M32 53h14M34 72h28'),
  'MONITOR-27': rect(14, 20, 68, 42, 3) + lines('M48 62v12M32 75h32M22 52l14-12 10 7 16-15 12 9'),
  'KEYBOARD-M':
    rect(10, 34, 76, 30, 5) +
    lines('M19 42h59', '5 4') +
    lines('M19 49h59', '5 4') +
    lines('M19 56h5M30 56h36M72 56h6'),
  'MOUSE-V': shape('M34 72c-8-22 2-48 16-48s22 20 14 48z') + lines('M50 24v18M38 42c8 4 18 4 26 0'),
  'WEBCAM-4K':
    circle(48, 40, 20) + circle(48, 40, 9) + circle(48, 40, 2) + lines('M48 60v10M34 74h28'),
  'DOCK-USB4':
    rect(14, 38, 68, 22, 4) +
    rect(22, 46, 9, 6, 1) +
    rect(37, 46, 9, 6, 1) +
    circle(57, 49, 3) +
    circle(70, 49, 3),
  'CABLE-USBC':
    lines('M28 32v10c0 24 40 2 40 24') +
    rect(22, 14, 12, 18, 3) +
    rect(62, 66, 12, 16, 3) +
    lines('M26 20v6M30 20v6'),
  'SSD-2TB':
    rect(30, 20, 36, 56, 6) + lines('M38 64h12') + circle(58, 64, 2) + lines('M38 30h20M38 37h14'),
  'HEADPHONES-NC':
    lines('M24 56V50a24 24 0 0 1 48 0v6') + rect(17, 53, 13, 24, 6) + rect(66, 53, 13, 24, 6),
  EARBUDS:
    shape('M28 46l5 26h6l-2-26z') +
    circle(32, 38, 11) +
    shape('M68 46l-5 26h-6l2-26z') +
    circle(64, 38, 11),
  'SPEAKER-S': rect(30, 16, 36, 64, 9) + circle(48, 58, 12) + circle(48, 58, 4) + circle(48, 31, 6),
  TURNTABLE:
    rect(12, 24, 72, 50, 4) +
    circle(40, 49, 20) +
    circle(40, 49, 7) +
    circle(40, 49, 1) +
    lines('M72 32v22l-10 9'),
  'LAMP-DESK':
    lines('M44 75L34 48l18-20') + shape('M44 20l24 14-6 14-28-16z') + shape('M28 75h34v4H28z'),
  KETTLE:
    lines('M60 36c20-2 20 26 4 28') +
    shape('M30 34h30l8 42H22z') +
    circle(45, 28, 4) +
    lines('M29 44L16 36'),
  'COFFEE-1KG':
    shape('M28 26h40l6 54H22z') +
    shape('M28 26l5-10h30l5 10z') +
    circle(48, 54, 11) +
    lines('M48 43c-6 7 6 15 0 22'),
  MUG:
    lines('M60 42h8a10 10 0 0 1 0 22h-8') +
    rect(24, 34, 36, 42, 5) +
    lines('M35 27c-4-5 4-6 0-11M48 27c-4-5 4-6 0-11'),
  'CHAIR-ERGO':
    rect(31, 14, 34, 32, 9) +
    lines('M48 46v30M30 80l18-8 18 8') +
    rect(26, 50, 44, 9, 4) +
    lines('M38 24h20M38 31h20'),
  'BACKPACK-25':
    lines('M38 28v-6a10 10 0 0 1 20 0v6') +
    rect(26, 26, 44, 52, 14) +
    rect(33, 52, 30, 18, 4) +
    lines('M34 42h28'),
  'BOTTLE-750': rect(40, 14, 16, 14, 3) + rect(35, 28, 26, 54, 8) + lines('M35 42h26M42 50v20'),
  'TENT-2': shape('M48 20l38 56H10z') + shape('M48 40l16 36H32z') + lines('M48 20v-6M48 40v36'),
  HEADLAMP:
    lines('M16 48c8-16 56-16 64 0') +
    rect(34, 36, 28, 26, 7) +
    circle(48, 49, 8) +
    lines('M48 68v10M32 66l-6 8M64 66l6 8'),
  'BOOK-QUEUES': book(
    rect(41, 30, 6, 8),
    rect(50, 30, 6, 8),
    rect(59, 30, 6, 8),
    lines('M42 48h20M57 43l5 5-5 5'),
  ),
  'BOOK-SAGAS': book(lines('M43 38h12a9 9 0 0 1 0 18H43M49 32l-6 6 6 6')),
  'BOOK-SIGNED': book(lines('M43 30h20M43 37h14'), lines('M42 64c5-14 8-14 7-4s5 6 8-2 3 4 8 1')),
};
