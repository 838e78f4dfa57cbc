import { signal } from '@preact/signals';
import { type JSX, render } from 'preact';
import { ConsoleFrame } from './frame.tsx';
import { pageOf } from './pages.ts';

const found = pageOf(location.pathname);
const content = signal<(() => JSX.Element) | null>(null);
document.title = `${found?.title ?? 'Console'} · Waybill`;

const page = document.getElementById('page');
if (page) render(<ConsoleFrame at={found} content={content} />, page);
content.value = (await found?.load()) ?? null;
