// What every page loads: forms that are sent once, drafts that wait on the phone, and the house on the home screen.

import "./forms.js";
import "./waiting.js";
import "./install.js";
import { showNotice } from "./notice.js";

showNotice();
