import { render } from 'preact';
import { EventsPage } from './events-page.tsx';

const page = document.getElementById('page');
if (page) render(<EventsPage />, page);
