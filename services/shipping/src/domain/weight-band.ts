/** Upper ends of the weight bands, in grams. */
export const weightBands = [
  500, 1_000, 2_000, 5_000, 10_000, 20_000, 31_500, 50_000, 100_000, 250_000, 500_000, 1_000_000,
] as const;

/** The band of a parcel, named by its upper end; undefined if it is too heavy for every carrier. */
export const weightBandOf = (grams: number): number | undefined =>
  weightBands.find((limit) => grams <= limit);
