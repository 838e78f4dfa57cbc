import process from 'node:process';

export const { DATABASE_URL = '', RABBITMQ_URL = '', PORT = '3000' } = process.env;
if (!DATABASE_URL || !RABBITMQ_URL) throw new Error('set DATABASE_URL and RABBITMQ_URL');
