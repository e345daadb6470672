export { AddHost as default } from './add-host';
