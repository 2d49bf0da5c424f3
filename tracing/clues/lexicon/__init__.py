"""What is known of words: an adapter over the gazetteer, pinyin and spelling libraries, and the word lists beside it."""
