/** Its address, where it is not masked: that of a customer is personal. */
export const nameOf = (id: string, url: string): string =>
  url === '***' ? `Webhook ${id.slice(-8)}` : url;
