import type { TaxClass } from '@waybill/contracts';

/** A product of the seeded catalogue; the price is in minor units of the shop's currency. */
export interface SeedProduct {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly priceAmount: number;
  readonly weightGrams: number;
  readonly quantity: number;
  readonly threshold: number;
  readonly taxClass: TaxClass;
  /** Absent: the default warehouse. */
  readonly warehouse?: string;
}

type Row = readonly [
  sku: string,
  name: string,
  description: string,
  priceAmount: number,
  weightGrams: number,
  quantity: number,
  threshold: number,
  taxClass?: TaxClass,
];

const plenty = 1_000_000;

const shelves: Readonly<Record<string, readonly Row[]>> = {
  Computers: [
    [
      'LAPTOP-13',
      'Feather 13 laptop',
      'Thin 13-inch laptop, 16 GB memory, 512 GB storage.',
      129_900,
      1_250,
      plenty,
      100,
    ],
    [
      'LAPTOP-16',
      'Forge 16 laptop',
      '16-inch laptop for long compiles, 64 GB memory.',
      249_900,
      2_100,
      plenty,
      50,
    ],
    [
      'TABLET-11',
      'Slate 11 tablet',
      '11-inch tablet with a pen that stays where you put it.',
      59_900,
      480,
      plenty,
      50,
    ],
    [
      'MINI-PC',
      'Pebble mini PC',
      'A quiet computer that hides behind a screen.',
      44_900,
      690,
      plenty,
      50,
    ],
    [
      'MONITOR-27',
      'Vista 27 monitor',
      '27-inch 4K monitor, height adjustable.',
      37_900,
      5_400,
      plenty,
      50,
    ],
  ],
  Accessories: [
    [
      'KEYBOARD-M',
      'Clack mechanical keyboard',
      'Tactile switches, 84 keys, hot-swappable.',
      8_990,
      870,
      plenty,
      100,
    ],
    [
      'MOUSE-V',
      'Upright mouse',
      'Vertical mouse that is kind to the wrist.',
      4_990,
      140,
      plenty,
      100,
    ],
    ['WEBCAM-4K', 'Clearview webcam', '4K webcam with a shutter.', 9_990, 160, plenty, 50],
    [
      'DOCK-USB4',
      'Harbour dock',
      'USB4 dock: two screens, network, 96 W.',
      19_900,
      420,
      plenty,
      50,
    ],
    ['CABLE-USBC', 'USB-C cable, 2 m', 'Braided cable for data and 100 W.', 1_490, 60, plenty, 500],
    [
      'SSD-2TB',
      'Pocket SSD, 2 TB',
      'Portable storage the size of a biscuit.',
      15_900,
      50,
      plenty,
      50,
    ],
  ],
  Audio: [
    [
      'HEADPHONES-NC',
      'Hush headphones',
      'Over-ear headphones with noise cancelling.',
      27_900,
      255,
      plenty,
      50,
    ],
    [
      'EARBUDS',
      'Drop earbuds',
      'Small wireless earbuds, eight hours a charge.',
      11_900,
      45,
      plenty,
      100,
    ],
    [
      'SPEAKER-S',
      'Puddle speaker',
      'Speaker for the shower and the beach.',
      6_990,
      540,
      plenty,
      50,
    ],
    [
      'TURNTABLE',
      'Groove turntable',
      'Belt-driven turntable. The stock of this one is tiny.',
      34_900,
      5_200,
      3,
      1,
    ],
  ],
  Home: [
    [
      'LAMP-DESK',
      'Beacon desk lamp',
      'Dimmable lamp with a warm evening mode.',
      5_490,
      1_300,
      plenty,
      50,
    ],
    [
      'KETTLE',
      'Whistle kettle',
      'Kettle with temperatures for tea and coffee.',
      6_490,
      1_150,
      plenty,
      50,
    ],
    [
      'COFFEE-1KG',
      'House espresso, 1 kg',
      'Medium roast beans from one farm.',
      2_290,
      1_020,
      plenty,
      200,
      'reduced',
    ],
    ['MUG', 'Stoneware mug', 'Holds 350 ml and survives the dishwasher.', 1_290, 380, plenty, 200],
    [
      'CHAIR-ERGO',
      'Perch office chair',
      'Adjustable chair with a mesh back.',
      39_900,
      14_500,
      plenty,
      20,
    ],
  ],
  Outdoor: [
    [
      'BACKPACK-25',
      'Ridge backpack, 25 l',
      'Day pack with a dry pocket for a laptop.',
      8_900,
      980,
      plenty,
      50,
    ],
    [
      'BOTTLE-750',
      'Steel bottle, 750 ml',
      'Keeps tea hot for twelve hours.',
      2_790,
      330,
      plenty,
      200,
    ],
    [
      'TENT-2',
      'Lee tent for two',
      'Tent that two people pitch in four minutes.',
      22_900,
      2_300,
      plenty,
      20,
    ],
    ['HEADLAMP', 'Mole headlamp', '400 lumens, charged by USB-C.', 3_990, 85, plenty, 100],
  ],
  Books: [
    [
      'BOOK-QUEUES',
      'Queues in the Wild',
      'How messages get lost, and how they are kept.',
      3_900,
      640,
      plenty,
      100,
      'reduced',
    ],
    [
      'BOOK-SAGAS',
      'Undo Everything',
      'Long processes for short memories.',
      3_400,
      510,
      plenty,
      100,
      'reduced',
    ],
    [
      'BOOK-SIGNED',
      'Undo Everything, signed',
      'The signed edition. Sold out: its stock is zero.',
      9_900,
      510,
      0,
      1,
      'reduced',
    ],
  ],
};

/**
 * The catalogue of a new shop. `BOOK-SIGNED` is sold out and `TURNTABLE` has three left, to demonstrate these cases; outdoor
 * products lie in another warehouse, so an order with one of them and a laptop has two parcels.
 */
export const catalogueSeed: readonly SeedProduct[] = Object.entries(shelves).flatMap(
  ([category, rows]) =>
    rows.map(
      ([sku, name, description, priceAmount, weightGrams, quantity, threshold, taxClass]) => ({
        sku,
        name,
        description,
        category,
        priceAmount,
        weightGrams,
        quantity,
        threshold,
        taxClass: taxClass ?? 'standard',
        ...(category === 'Outdoor' ? { warehouse: 'NORTH' } : {}),
      }),
    ),
);

/** The path of a seeded product's picture. */
export const imageUrlOf = (sku: string): string => `/images/${sku.toLowerCase()}.svg`;
