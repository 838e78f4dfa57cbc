/** The columns of each kind of export with the types of their values; `spend` and `amount` are in minor units. */
export const exportedMetrics = {
  windows: [
    ['visitor', 'text'],
    ['startedAt', 'moment'],
    ['endedAt', 'moment'],
    ['activities', 'integer'],
    ['pageViews', 'integer'],
    ['uniquePages', 'integer'],
    ['purchases', 'integer'],
    ['spend', 'integer'],
  ],
  sessions: [
    ['sessionId', 'text'],
    ['customerId', 'text'],
    ['country', 'text'],
    ['startedAt', 'moment'],
    ['endedAt', 'moment'],
    ['activities', 'integer'],
    ['pageViews', 'integer'],
    ['spend', 'integer'],
    ['entryPage', 'text'],
    ['exitPage', 'text'],
  ],
  order_times: [
    ['orderId', 'text'],
    ['customerId', 'text'],
    ['country', 'text'],
    ['amount', 'integer'],
    ['currency', 'text'],
    ['placedAt', 'moment'],
    ['settledAt', 'moment'],
    ['outcome', 'text'],
  ],
} as const;
export type ExportedKind = keyof typeof exportedMetrics;

/** A row of an export. */
export type ExportedRow = Readonly<Record<string, string | number | null>>;
