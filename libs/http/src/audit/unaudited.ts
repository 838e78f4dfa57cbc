import { SetMetadata } from '@nestjs/common';

export const isUnaudited = 'waybill:unaudited';

/** A POST that changes nothing an operator is asked about later, such as a ticket for a connection: it is not in the audit. */
export const Unaudited = () => SetMetadata(isUnaudited, true);
