/** What a caller is told who names products that there are none of. */
export const noProduct = (...skus: readonly string[]): string =>
  `there is no product ${skus.join(', ')}`;

/** What a caller is told who names each of these products on more than one line. */
export const onSeveralLines = (...skus: readonly string[]): string =>
  `more than one line has ${skus.join(', ')}: put the whole quantity on one`;
