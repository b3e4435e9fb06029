"""The demo community: transcripts, pictures and notes that `garden demo` and the tests plant."""
