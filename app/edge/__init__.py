"""What pages and API share: reading requests, who may enter, taking reports and moves, words for codes."""
