import { render } from 'preact';
import { LivePage } from './live-page.tsx';

const page = document.getElementById('page');
if (page) render(<LivePage />, page);
