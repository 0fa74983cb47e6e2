"""Pure rules of the business: plain values in, plain values out, `now` always an argument."""
