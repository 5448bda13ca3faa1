"""Books as projections: ``visible`` at write time becomes rows that every read answers from."""
