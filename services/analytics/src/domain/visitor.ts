/** How the pipeline names a visitor: a customer, or an anonymous session, which cannot pass for one. */
export const visitorOf = (customerId: string | undefined, sessionId: string): string =>
  customerId === undefined ? `session:${sessionId}` : `customer:${customerId}`;
